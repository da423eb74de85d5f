"""Reads TFRecord files of tf.train.Examples that another program wrote. Imports TensorFlow."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

from components.ingestion.files.row import BadRow, Columns, Reading, Row, no_column
from pipeline.core.errors import DataError
from schemas.records.tfrecord import read_records


def example_rows(path: Path, columns: Columns, how: Reading) -> Iterator[Row | BadRow]:
    """Yields a row for each record. Raises DataError with the record's number if the file is damaged."""
    try:
        for number, record in enumerate(read_records(path)):
            yield example_row(record, number, columns, how.encoding)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def example_row(record: bytes, number: int, columns: Columns, encoding: str) -> Row | BadRow:
    """Reads one record. The text must be bytes; label and id must be bytes or int64; each must have one value."""
    try:
        features = tf.train.Example.FromString(record).features.feature
    except DecodeError:
        return BadRow(number, "it is no tf.train.Example")
    values = []
    for name, kinds in zip(columns, (("bytes_list",), *2 * (("bytes_list", "int64_list"),)), strict=True):
        if name and name not in features:
            return BadRow(number, f"it has {no_column(name, sorted(features)).replace('column', 'feature', 1)}")
        found = [value for kind in kinds for value in getattr(features[name], kind).value] if name else [b""]
        if len(found) != 1:
            return BadRow(number, f"its {name} holds {len(found)} values of {' or '.join(kinds)}, but must hold one")
        values.append(found[0].decode(encoding, "surrogateescape") if isinstance(found[0], bytes) else str(found[0]))
    return Row(number, *values)
