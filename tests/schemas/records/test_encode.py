"""Encoding of many Examples at once: the bytes equal those of single tf.train.Examples."""

import numpy as np
import pytest
import tensorflow as tf

from schemas.records.encode import encode_document, encode_documents, encode_tokens
from schemas.records.examples import Document

DOCUMENTS = [
    Document("reuters/train/00000000", "Shr 34 cts vs 1.19 dlrs", 3),
    Document("", "", 0),
    Document("reuters/train/00000002", "naïve — 日本\n\x00", 2**62),
    Document("a", "long " * 100_000, 1),
]


def one(**features: bytes | list[int]) -> bytes:
    """Returns one message, serialized by protobuf's own deterministic option."""
    made = tf.train.Example()
    for name, value in features.items():
        if isinstance(value, bytes):
            made.features.feature[name].bytes_list.value.append(value)
        else:
            made.features.feature[name].int64_list.value.extend(value)
    return bytes(made.SerializeToString(deterministic=True))


def test_documents() -> None:
    expected = [one(text=text.encode(), label=[label], id=id_.encode()) for id_, text, label, _ in DOCUMENTS]
    assert encode_documents(DOCUMENTS) == expected
    assert [encode_document(document) for document in DOCUMENTS] == expected
    assert encode_documents([]) == []


@pytest.mark.parametrize(("rows", "length"), [(1, 1), (3, 1), (50, 300), (2, 5_000)])
@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_tokens(rows: int, length: int, kind: str) -> None:
    random = np.random.default_rng(rows * length)
    tokens = random.integers(0, 2**31 - 1, (rows, length)) >> random.integers(0, 31, (rows, length))
    ids, labels = [f"a/b/{number}" for number in range(rows)], random.integers(0, 300, rows)
    made = encode_tokens(tf.constant(ids), tf.constant(tokens, kind), tf.constant(labels, kind)).numpy().tolist()
    assert made == [
        one(tokens=row, label=[label], id=id_.encode())
        for id_, row, label in zip(ids, tokens.tolist(), labels.tolist(), strict=True)
    ]
