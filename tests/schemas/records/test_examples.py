"""Documents as tf.train.Examples, and the error for each invalid record."""

from pathlib import Path

import pytest
import tensorflow as tf

from pipeline.core.errors import DataError
from schemas.records.encode import encode_document
from schemas.records.examples import Document, decode_document, read_documents
from schemas.records.tfrecord import write_records

DOCUMENTS = [
    Document("reuters/train/00000000", "Shr 34 cts vs 1.19 dlrs", 3),
    Document("reuters/train/00000001", "", 0),
    Document("reuters/train/00000002", "naïve — 日本\n\x00", 45),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_an_encoded_document_is_read_back_here_and_by_tensorflow(document: Document) -> None:
    record = encode_document(document)
    assert decode_document(record, "x", 46) == document
    parsed = tf.io.parse_single_example(record, {
        "id": tf.io.FixedLenFeature([], tf.string), "text": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64)})  # fmt: skip
    assert parsed["text"].numpy().decode() == document.text
    assert (parsed["id"].numpy().decode(), int(parsed["label"])) == (document.id, document.label)
    assert encode_document(document) == record


def example(**features: bytes | int | list[int] | float) -> bytes:
    """Returns a serialized Example with any features."""
    made = tf.train.Example()
    for name, value in features.items():
        feature = made.features.feature[name]
        if isinstance(value, bytes):
            feature.bytes_list.value.append(value)
        elif isinstance(value, float):
            feature.float_list.value.append(value)
        else:
            feature.int64_list.value.extend(value if isinstance(value, list) else [value])
    return bytes(made.SerializeToString(deterministic=True))


ID = b"files/train/00000000"
BAD = {
    "no text": (example(id=ID, label=1), "expected one value in bytes_list of feature 'text', found 0 "
                "(features present: id, label)"),
    "no label": (example(id=ID, text=b"x"), "expected one value in int64_list of feature 'label', found 0 "
                 "(features present: id, text)"),
    "no id": (example(text=b"x", label=1), "expected one value in bytes_list of feature 'id', found 0 "
              "(features present: label, text)"),
    "nothing": (example(), "expected one value in bytes_list of feature 'text', found 0 (features present: none)"),
    "two labels": (example(id=ID, text=b"x", label=[1, 2]), "expected one value in int64_list of feature 'label', "
                   "found 2 (features present: id, label, text)"),
    "label of floats": (example(id=ID, text=b"x", label=1.0), "expected one value in int64_list of feature 'label', "
                        "found 0 (features present: id, label, text)"),
    "label too high": (example(id=ID, text=b"x", label=46), "label 46 is outside 0..45; fix the source or widen its "
                       "schema"),
    "label below 0": (example(id=ID, text=b"x", label=-1), "label -1 is outside 0..45; fix the source or widen its "
                      "schema"),
    "text not UTF-8": (example(id=ID, text=b"caf\xe9", label=1), "its text is not UTF-8: unexpected end of data at "
                       "byte 3; convert it"),
    "id not UTF-8": (example(id=b"\xff", text=b"x", label=1), "its id is not UTF-8: invalid start byte at byte 0; "
                     "convert it"),
    "text of 100 MB": (example(id=ID, text=b"x" * 100_000_000, label=1), "its text is 100,000,000 bytes long, above "
                       "8,388,608; shorten or remove it"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_record_that_is_not_a_document(case: str) -> None:
    record, message = BAD[case]
    with pytest.raises(DataError) as caught:
        decode_document(record, "a.gz: record 7", 46)
    assert str(caught.value) == f"a.gz: record 7: {message}"


def test_a_record_that_is_not_an_example(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    write_records(path, [encode_document(DOCUMENTS[0]), b"\x0a\xff\xff"])
    documents = read_documents(path, 46)
    assert next(documents) == DOCUMENTS[0]
    with pytest.raises(DataError) as caught:
        next(documents)
    assert str(caught.value) == (
        f"{path}: record 1 is not a tf.train.Example; write the file again with Examples in it"
    )
