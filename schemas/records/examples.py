"""The tf.train.Example records of a labelled text and of the token ids made from it.

| record | features |
| --- | --- |
| Document | `id`, `text`: one UTF-8 bytes value each; `label`: one int64 |
| transformed | `id`: one UTF-8 bytes value; `tokens`: int64 [length]; `label`: one int64 |

An id is `<source>/<split>/<zero-padded position in the source>`, so that ids in order are the source's order.
Imports TensorFlow: only what runs a component may import this module.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from google.protobuf.message import DecodeError

from pipeline.core.errors import DataError
from pipeline.core.progress import advance
from schemas.records.tfrecord import read_records

MAX_TEXT_BYTES = 8 * 1024 * 1024
"""The longest text that is read: 1.4 million words. More is damage or an attack, never a document to classify."""


class Document(NamedTuple):
    """A labelled text as it came from its source. `label` is in 0..classes - 1."""

    id: str
    text: str
    label: int


def decode_document(record: bytes, where: str, classes: int, id_: str | None = None) -> Document:
    """Reads a document back. `where` names the record in errors; `classes` bounds the label.

    `id_` is the document's id if the record has none, as those of TFDS have.

    Raises DataError on a record that is no Example, lacks a feature, or holds a text that is not UTF-8 or too long,
    or a label outside 0..classes - 1.
    """
    features = parse_features(record, where)
    text = _one(features, "text", "bytes_list", where)
    label = _one(features, "label", "int64_list", where)
    if len(text) > MAX_TEXT_BYTES:
        raise DataError(f"{where}: its text is {len(text):,} bytes long, above {MAX_TEXT_BYTES:,}; cut or drop it")
    if not 0 <= label < classes:
        raise DataError(f"{where}: label {label} is outside 0..{classes - 1}; fix the source or widen its schema")
    if id_ is None:
        id_ = utf8(_one(features, "id", "bytes_list", where), "id", where)
    return Document(id_, utf8(text, "text", where), label)


def read_documents(path: Path, classes: int) -> Iterator[Document]:
    """Yields the documents of a TFRecord file. Raises DataError as `decode_document`, naming file and record."""
    for number, record in enumerate(read_records(path)):
        yield decode_document(record, f"{path}: record {number}", classes)
        advance()


def parse_features(record: bytes, where: str) -> tf.train.Features:
    """The features of a tf.train.Example, whatever they are. Raises DataError, naming it by `where`, if it is none."""
    try:
        return tf.train.Example.FromString(record).features
    except DecodeError as error:
        raise DataError(f"{where} is not a tf.train.Example; write the file anew with Examples in it") from error


def utf8(value: bytes, name: str, where: str) -> str:
    """`value` as text. Raises DataError if feature `name` of the record `where` is not UTF-8."""
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
