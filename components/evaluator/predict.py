"""Beam functions that predict: a shard of a split → a shard of predictions in id order. Imports TensorFlow and Beam.

The batches of a shard always start at its first example and have a fixed size. The last one is filled up, because
on some processors the last bits of a probability depend on the size. The predictions therefore do not depend on the
bundles or on the number of workers, and `predict` gives the same bits for the same text.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import apache_beam as beam
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.models.predict import load_keras
from components.shared import determinism
from components.shared.plain_path import plain_path
from components.text.arrays import Batch
from components.text.input_fn import read_batches
from pipeline.core.errors import DataError
from pipeline.core.progress import advance
from schemas.artifacts.examples import TransformedExamples
from schemas.artifacts.model import Model
from schemas.records.encode import encode_documents
from schemas.records.examples import read_documents
from schemas.records.predictions import encode_predictions
from schemas.records.tfrecord import write_records

BATCH = 256
"""Examples per batch."""

Shard = tuple[str, str]
"""The path of a shard, and the path to write its predictions to."""


class PredictTokens(beam.DoFn):
    """Writes the predictions of the Keras model for a shard of TransformedExamples. Yields their number."""

    def __init__(self, model: Model, transformed: TransformedExamples, split: str) -> None:
        self.model, self.transformed, self.split = model, transformed, split

    def setup(self) -> None:
        determinism.configure()
        self.predict = load_keras(self.model, int(self.transformed.properties["max_len"]))

    def process(self, shard: Shard) -> Iterator[int]:
        source, target = map(Path, shard)
        yield write_records(target, self._records(read_batches(self.transformed, self.split, [source], BATCH)))

    def _records(self, batches: Iterable[Batch]) -> Iterator[bytes]:
        for batch in batches:
            count = len(batch.labels)
            filled = tf.nest.map_structure(lambda a: np.pad(a, [(0, BATCH - len(a)), (0, 0)]), batch.inputs)
            yield from _encoded(batch.ids.tolist(), batch.labels.tolist(), self.predict(filled)[:count])
            advance(count)


class PredictTexts(beam.DoFn):
    """Writes the predictions of a SavedModel for a shard of Examples. Yields their number.

    A SavedModel contains its own tokenizer. `classes`: the number of labels of the examples. `columns`: for each column
    to write, the class of the model; None: the model has no such class, and its probability is 0.
    """

    def __init__(self, model: Model, classes: int, columns: tuple[int | None, ...]) -> None:
        self.model, self.classes, self.columns = model, classes, columns

    def setup(self) -> None:
        determinism.configure()
        path = self.model.path / Model.SERVING
        try:
            with plain_path(path) as plain:
                self.loaded = tf.saved_model.load(str(plain))  # a reference: the signature does not hold the variables
        except (ValueError, OSError, tf.errors.OpError) as error:
            raise DataError(f"the baseline {path} cannot be loaded to compare with: {error}; restore it") from error
        self.plain = self.loaded.signatures["serving_default"].structured_input_signature[1].keys() == {"text"}
        self.serve = self.loaded.signatures["serving_default" if self.plain else "serve_examples"]

    def process(self, shard: Shard) -> Iterator[int]:
        source, target = map(Path, shard)
        yield write_records(target, self._records(source))

    def _records(self, source: Path) -> Iterator[bytes]:
        unread = read_documents(source, self.classes)
        while documents := list(islice(unread, BATCH)):
            # A model of several columns takes Examples. Columns that these do not have are missing values.
            given = [d.text.encode() for d in documents] if self.plain else encode_documents(documents)
            filling = "" if self.plain else given[0]
            filled = tf.pad(tf.constant(given), [[0, BATCH - len(documents)]], constant_values=filling)
            answer = self.serve(text=filled) if self.plain else self.serve(examples=filled)
            probabilities = answer["probabilities"].numpy()[: len(documents)]
            probabilities = np.pad(probabilities, [(0, 0), (0, 1)])
            chosen = probabilities[:, [-1 if column is None else column for column in self.columns]]
            yield from _encoded([d.id.encode() for d in documents], [d.label for d in documents], chosen)


def _encoded(ids: list[bytes], labels: list[int], probabilities: NDArray[np.float32]) -> Iterator[bytes]:
    return encode_predictions(zip(ids, labels, probabilities.tolist(), strict=True))
