"""Reads the tf.train.Example records of labeled texts and of their token ids.

| record | features |
| --- | --- |
| Document | `id`, `text`: one UTF-8 bytes value each; `label`: one int64 |
| transformed | `id`: one UTF-8 bytes value; `tokens`: int64 [length]; `label`: one int64 |

A Document may have further columns, by their names: a number is one float32, NaN if it is missing; a category is one
bytes value, empty if it is missing. The transformed record then has `features`: float32 [n].

An id is `<source>/<split>/<zero-padded position in the source>`, so that the order of ids is the source's order.
Imports TensorFlow, so only code that runs inside a component may import this module.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from google.protobuf.message import DecodeError

from pipeline.core.errors import DataError
from pipeline.core.progress import advance
from schemas.records.tfrecord import read_records

_OWN = {"id", "text", "label"}

MAX_TEXT_BYTES = 8 * 1024 * 1024
"""The size of the longest accepted text, about 1.4 million words. A longer one is damaged or an attack."""


Value = float | str
"""The value of a feature: a number, NaN if it is missing, or a category, empty if it is missing."""


class Document(NamedTuple):
    """A labeled text, unchanged from its source. `label` is in 0..classes - 1."""

    id: str
    text: str
    label: int
    features: tuple[tuple[str, Value], ...] = ()
    """Name and value of each further column, sorted by name."""


def decode_document(record: bytes, where: str, classes: int, id_: str | None = None) -> Document:
    """Decodes a document. `where` names the record in errors; `classes` is the number of labels.

    `id_` is the document's id if the record has none, as in TFDS's records.

    Raises DataError if the record is not an Example or has no such feature, if the text is not UTF-8 or too long, or if
    the label is outside 0..classes - 1.
    """
    features = parse_features(record, where)
    text = _one(features, "text", "bytes_list", where)
    label = _one(features, "label", "int64_list", where)
    if len(text) > MAX_TEXT_BYTES:
        raise DataError(
            f"{where}: its text is {len(text):,} bytes long, above {MAX_TEXT_BYTES:,}; shorten or remove it"
        )
    if not 0 <= label < classes:
        raise DataError(f"{where}: label {label} is outside 0..{classes - 1}; fix the source or widen its schema")
    if id_ is not None:
        return Document(id_, utf8(text, "text", where), label)
    id_ = utf8(_one(features, "id", "bytes_list", where), "id", where)
    return Document(id_, utf8(text, "text", where), label, _features(features, where))


def _features(features: tf.train.Features, where: str) -> tuple[tuple[str, Value], ...]:
    if len(features.feature) == len(_OWN):  # nearly always
        return ()
    found: list[tuple[str, Value]] = []
    for name in sorted(set(features.feature) - _OWN):
        feature = features.feature[name]
        values = [*feature.float_list.value, *(utf8(value, name, where) for value in feature.bytes_list.value)]
        if len(values) == 1:  # another program's file may have other features
            found.append((name, values[0]))
    return tuple(found)


def read_documents(path: Path, classes: int) -> Iterator[Document]:
    """Yields the documents of a TFRecord file. Raises DataError as `decode_document`, with file and record number."""
    for number, record in enumerate(read_records(path)):
        yield decode_document(record, f"{path}: record {number}", classes)
        advance()


def parse_features(record: bytes, where: str) -> tf.train.Features:
    """Returns the features of a tf.train.Example. Raises DataError, with `where`, if the record is not an Example."""
    try:
        return tf.train.Example.FromString(record).features
    except DecodeError as error:
        raise DataError(f"{where} is not a tf.train.Example; write the file again with Examples in it") from error


def utf8(value: bytes, name: str, where: str) -> str:
    """Returns `value` as text. Raises DataError if feature `name` of the record `where` is not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError as e:
        raise DataError(f"{where}: its {name} is not UTF-8: {e.reason} at byte {e.start}; convert it") from e


def _one(features: tf.train.Features, name: str, kind: str, where: str) -> Any:
    values = getattr(features.feature[name], kind).value if name in features.feature else []
    if len(values) != 1:
        present = ", ".join(sorted(features.feature)) or "none"
        raise DataError(
            f"{where}: expected one value in {kind} of feature '{name}', found {len(values)} "
            f"(features present: {present})"
        )
    return values[0]
