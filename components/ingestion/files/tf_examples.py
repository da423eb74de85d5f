"""Reads TFRecord files of tf.train.Examples that another program wrote. Imports TensorFlow."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import tensorflow as tf
from google.protobuf.message import DecodeError

from components.ingestion.files.row import BadRow, Columns, Reading, Row, no_column
from pipeline.core.errors import DataError
from schemas.records.tfrecord import read_records

Features = Mapping[str, Any]
"""The tf.train.Feature of each name."""


def example_rows(path: Path, columns: Columns, how: Reading) -> Iterator[Row | BadRow]:
    """Yields the wanted features of each record as `example_features` does."""
    for number, found in example_features(path):
        yield found if isinstance(found, BadRow) else features_row(found, number, columns, how.encoding)


def example_features(path: Path) -> Iterator[tuple[int, Features | BadRow]]:
    """Yields the number and the features of each record, by name.

    Raises DataError with the record's number if the file is damaged.
    """
    try:
        for number, record in enumerate(read_records(path)):
            yield number, _features(record, number)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def _features(record: bytes, number: int) -> Features | BadRow:
    try:
        return cast(Features, tf.train.Example.FromString(record).features.feature)
    except DecodeError:
        return BadRow(number, "it is no tf.train.Example")


def features_row(features: Features, number: int, columns: Columns, encoding: str) -> Row | BadRow:
    """Returns the wanted features of a record. The text must be bytes; label and id: bytes or int64; one value each."""
    values = []
    for name, kinds in zip(columns, (("bytes_list",), *2 * (("bytes_list", "int64_list"),)), strict=True):
        if name and name not in features:
            return BadRow(number, f"it has {no_column(name, sorted(features)).replace('column', 'feature', 1)}")
        found = [value for kind in kinds for value in getattr(features[name], kind).value] if name else [b""]
        if len(found) != 1:
            return BadRow(number, f"its {name} holds {len(found)} values of {' or '.join(kinds)}, but must hold one")
        values.append(found[0].decode(encoding, "surrogateescape") if isinstance(found[0], bytes) else str(found[0]))
    return Row(number, *values)
