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
        yield found if isinstance(found, BadRow) else features_row(found, number, columns, how)


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


_BYTES, _INT, _FLOAT = "bytes_list", "int64_list", "float_list"


def features_row(features: Features, number: int, columns: Columns, how: Reading) -> Row | BadRow:
    """Returns the wanted features of a record. The text must be bytes; label and id: bytes or int64; one value each.

    One of several texts, or a number or category, may have no value.
    """
    kinds = ((_BYTES,), (_BYTES, _INT), (_BYTES, _INT), *[(_BYTES,)] * len(how.texts))
    kinds += ((_BYTES, _INT, _FLOAT),) * len(how.features)
    values = []
    for name, lists in zip((*columns, *how.more), kinds, strict=True):
        if name and name not in features:
            return BadRow(number, f"it has {no_column(name, sorted(features)).replace('column', 'feature', 1)}")
        found = [value for kind in lists for value in getattr(features[name], kind).value] if name else [b""]
        if not found and (name in how.more or (how.texts and name == columns[0])):
            found = [b""]
        if len(found) != 1:
            return BadRow(number, f"its {name} holds {len(found)} values of {' or '.join(lists)}, but must hold one")
        value = found[0]
        values.append(value.decode(how.encoding, "surrogateescape") if isinstance(value, bytes) else str(value))
    text, label, id_, *more = values
    return Row(number, text, label, id_, tuple(more))
