"""Encodes and reads a model's predictions for a split: GZIP TFRecords of tf.train.Example.

| feature | |
| --- | --- |
| `id` | one UTF-8 bytes value: the id of the example |
| `label` | one int64: the true label |
| `probabilities` | float32 [classes], in label order; two classes also have two values |

Imports TensorFlow, so only code that runs inside a component may import this module.
"""

from collections.abc import Sequence
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


def encode_prediction(id_: bytes, label: int, probabilities: Sequence[float]) -> bytes:
    """Returns the serialized tf.train.Example of one prediction. Equal predictions give equal bytes."""
    features = {
        "id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[id_])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "probabilities": tf.train.Feature(float_list=tf.train.FloatList(value=probabilities)),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return bytes(example.SerializeToString(deterministic=True))


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
