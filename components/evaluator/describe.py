"""Describes examples: their slices, and the beginning of their text. Imports TensorFlow and Beam."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.evaluator.slices import FEATURE, SLICES, Sliceable
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import decode_document
from schemas.records.parse import parse_shards
from schemas.records.tfrecord import read_records, write_records

SHOWN = 300
"""Characters of a text to show. A longer text is cut and ends with `…`."""


@dataclass(frozen=True, eq=False)
class Descriptions:
    """The examples of a split, in id order."""

    ids: NDArray[np.object_]
    """bytes [n]"""
    slices: NDArray[np.object_]
    """bytes [n, slices]: the slice of each example, for each way to slice."""


class Describe(beam.DoFn):
    """Writes id, text and slices of each example of a shard. (shard of Examples, path to write) → their number."""

    def __init__(self, examples: Examples, slices: Sequence[str]) -> None:
        """`slices`: names that `parse_slices` returned."""
        self.slices, self.span = tuple(slices), str(examples.properties.get("span", ""))
        self.names: list[str] = json.loads(str(examples.properties["label_names"]))

    def process(self, shard: tuple[str, str]) -> Iterator[int]:
        source, target = map(Path, shard)
        yield write_records(target, self._records(source))

    def _records(self, source: Path) -> Iterator[bytes]:
        for number, record in enumerate(read_records(source)):
            where = f"{source}: record {number}"
            document = decode_document(record, where, len(self.names))
            known = Sliceable(document.text, self.names[document.label], self.span)
            values = [
                feature_value(record, name.removeprefix(FEATURE), where)
                if name.startswith(FEATURE)
                else SLICES[name](known)
                for name in self.slices
            ]
            shown = document.text if len(document.text) <= SHOWN else document.text[:SHOWN] + "…"
            features = {"id": [document.id], "text": [shown], "slices": values}
            yield tf.train.Example(
                features=tf.train.Features(feature={k: _texts(v) for k, v in features.items()})
            ).SerializeToString(deterministic=True)


def _texts(values: list[str]) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))


def feature_value(record: bytes, name: str, where: str) -> str:
    """Returns the value of a feature as text; commas join several values. Raises DataError if it is missing."""
    features = tf.train.Example.FromString(record).features.feature
    if name not in features:
        raise DataError(
            f"{where} has no feature '{name}' to slice by (features present: {', '.join(sorted(features))}); "
            f"remove {FEATURE}{name} from --slices, or add the feature to every Example"
        )
    feature = features[name]
    values = getattr(feature, feature.WhichOneof("kind") or "bytes_list").value
    return ", ".join(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in values)


def read_descriptions(directory: Path, slices: int) -> Descriptions:
    """Reads all descriptions without texts, sorted by id. `slices`: the number of ways to slice."""
    batches = list(_parsed(directory, {"slices": tf.io.FixedLenFeature([slices], tf.string)}))
    ids = np.concatenate([batch["id"] for batch in batches])
    values = np.concatenate([batch["slices"] for batch in batches])
    order = np.argsort(ids)
    return Descriptions(ids[order], values[order])


def read_texts(directory: Path, ids: set[bytes]) -> dict[bytes, str]:
    """Returns the beginnings of the texts of some examples, by id."""
    found: dict[bytes, str] = {}
    for batch in _parsed(directory, {"text": tf.io.FixedLenFeature([], tf.string)}):
        found |= {i: t.decode() for i, t in zip(batch["id"], batch["text"], strict=True) if i in ids}
    return found


def _parsed(directory: Path, features: dict[str, tf.io.FixedLenFeature]) -> Iterator[dict[str, NDArray[Any]]]:
    wanted = {"id": tf.io.FixedLenFeature([], tf.string), **features}
    return parse_shards(sorted(directory.glob("*.gz")), wanted)
