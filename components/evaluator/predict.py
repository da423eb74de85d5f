"""The Beam pipeline that lets models predict: shards of a split → shards of predictions, each in id order.

A shard is predicted in batches of one size from its first example on: neither bundles nor workers change a bit.
Imports TensorFlow and Beam.
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
from components.text.input_fn import Batch, shard_batches
from pipeline.core.errors import DataError
from pipeline.core.progress import advance
from schemas.artifacts.examples import TransformedExamples
from schemas.artifacts.model import Model
from schemas.records.examples import read_documents
from schemas.records.predictions import encode_prediction
from schemas.records.tfrecord import write_records

BATCH = 256
"""Examples a step."""

Shard = tuple[str, str]
"""Path of a shard of a split, and the path that its predictions go to."""


class PredictTokens(beam.DoFn):
    """Shard of TransformedExamples → number of predictions, written by the Keras model in its file."""

    def __init__(self, model: Model, transformed: TransformedExamples, split: str) -> None:
        self.model, self.transformed, self.split = model, transformed, split

    def setup(self) -> None:
        determinism.configure()
        self.predict = load_keras(self.model, int(self.transformed.properties["max_len"]))

    def process(self, shard: Shard) -> Iterator[int]:
        source, target = map(Path, shard)
        yield write_records(target, self._records(shard_batches(self.transformed, self.split, source, BATCH)))

    def _records(self, batches: Iterable[Batch]) -> Iterator[bytes]:
        for batch in batches:
            yield from _encoded(batch.ids.tolist(), batch.labels.tolist(), self.predict(batch.tokens))
            advance(len(batch.labels))


class PredictTexts(beam.DoFn):
    """Shard of Examples → number of predictions, written by the SavedModel, which tokenises in its own way.

    `columns`: the class of the model that each of our labels is.
    """

    def __init__(self, model: Model, classes: int, columns: tuple[int, ...]) -> None:
        self.model, self.classes, self.columns = model, classes, columns

    def setup(self) -> None:
        determinism.configure()
        path = self.model.path / Model.SERVING
        try:
            self.loaded = tf.saved_model.load(str(path))  # kept: the signature alone does not hold the variables
        except (ValueError, OSError, tf.errors.OpError) as error:
            raise DataError(
                f"the blessed model {path} cannot be loaded to compare with: {error}; restore it"
            ) from error
        self.serve = self.loaded.signatures["serving_default"]

    def process(self, shard: Shard) -> Iterator[int]:
        source, target = map(Path, shard)
        yield write_records(target, self._records(source))

    def _records(self, source: Path) -> Iterator[bytes]:
        waiting = read_documents(source, self.classes)
        while documents := list(islice(waiting, BATCH)):
            texts = tf.constant([document.text.encode() for document in documents])
            probabilities = self.serve(text=texts)["probabilities"].numpy()[:, self.columns]
            yield from _encoded([d.id.encode() for d in documents], [d.label for d in documents], probabilities)


def _encoded(ids: list[bytes], labels: list[int], probabilities: NDArray[np.float32]) -> Iterator[bytes]:
    for id_, label, row in zip(ids, labels, probabilities.tolist(), strict=True):
        yield encode_prediction(id_, label, row)
