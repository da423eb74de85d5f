"""Encodes and reads a model's predictions for a split: GZIP TFRecords of tf.train.Example.

| feature | |
| --- | --- |
| `id` | one UTF-8 bytes value: the id of the example |
| `label` | one int64: the true label |
| `probabilities` | float32 [classes], in label order; two classes also have two values |

Imports TensorFlow, so only code that runs inside a component may import this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from schemas.records.parse import parse_shards


@dataclass(frozen=True, eq=False)
class Predictions:
    """All predictions of a split, in id order. Uses 4 bytes of memory per class and example."""

    ids: NDArray[np.object_]
    """bytes [n]"""
    labels: NDArray[np.int32]
    """int32 [n]"""
    probabilities: NDArray[np.float32]
    """float32 [n, classes]"""


def encode_predictions(predictions: Iterable[tuple[bytes, int, Sequence[float]]]) -> Iterator[bytes]:
    """Yields the serialized tf.train.Example of each (id, label, probabilities). Equal predictions give equal bytes."""
    # One message is filled again for each prediction: to create a new one takes twice as long.
    message = tf.train.Example()
    feature = message.features.feature
    id_, label, probabilities = (
        feature["id"].bytes_list,
        feature["label"].int64_list,
        feature["probabilities"].float_list,
    )
    for its_id, its_label, its_probabilities in predictions:
        id_.value[:], label.value[:], probabilities.value[:] = [its_id], [its_label], its_probabilities
        yield message.SerializeToString(deterministic=True)


def read_predictions(directory: Path, classes: int) -> Predictions:
    """Reads the predictions in the `*.gz` files of `directory`, sorted by id. The files may be empty or missing."""
    features = {
        "id": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64),
        "probabilities": tf.io.FixedLenFeature([classes], tf.float32),
    }
    batches = list(parse_shards(sorted(directory.glob("*.gz")), features))
    none = {"id": np.empty(0, object), "label": np.empty(0, np.int64), "probabilities": np.empty((0, classes), "f4")}
    found = {name: np.concatenate([none[name], *(batch[name] for batch in batches)]) for name in features}
    order = np.argsort(found["id"])
    return Predictions(found["id"][order], found["label"][order].astype(np.int32), found["probabilities"][order])
