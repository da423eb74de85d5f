"""Counts the words of many texts at once, as the tokenising graph parts them, at several times its speed.

The graph lowers a text and parts it at FILTERS and U+0020, which are bytes of UTF-8. Lowering is left to the graph for
all text but ASCII, which is nearly all newswire and where it is a table of 128 bytes; parting and counting are Arrow's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from components.preprocessing.tokenize import lower
from components.preprocessing.transform_graph import FILTERS
from schemas.statistics import Seen

_KEPT, _HIDDEN = b"\v\f\r", b"\xf8\xf9\xfa"
"""What Arrow would part words at and the graph does not, and bytes that UTF-8 never has, which stand in meanwhile."""

_LOWER = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
_PARTED = bytes.maketrans(FILTERS.encode() + _KEPT, b" " * len(FILTERS) + _HIDDEN)
_SHOWN = bytes.maketrans(_HIDDEN, _KEPT)


@dataclass(frozen=True)
class Counted:
    """The words of some texts."""

    words: pa.Table
    """`word` (binary), `count` and `documents` (int64), a row each word, in no order."""
    lengths: npt.NDArray[np.int64]
    """Words of each text: int64 [n]."""


def count_words(texts: Sequence[bytes]) -> Counted:
    """The words of UTF-8 `texts`, one or more."""
    parted = pc.ascii_split_whitespace(_prepared(texts))
    lengths = np.diff(parted.offsets.to_numpy()).astype(np.int64)
    encoded = parted.flatten().dictionary_encode()
    size, indices = len(encoded.dictionary), encoded.indices.to_numpy()
    word = pa.array([w.translate(_SHOWN) for w in encoded.dictionary.cast(pa.binary()).to_pylist()], pa.binary())
    count = np.bincount(indices, minlength=size)
    return Counted(_table(word, count, _documents(indices, lengths, size)), lengths)


def _prepared(texts: Sequence[bytes]) -> pa.StringArray:
    lowered = list(texts)
    if others := [number for number, text in enumerate(texts) if not text.isascii()]:
        for number, text in zip(others, lower(tf.constant([texts[n] for n in others])).numpy(), strict=True):
            lowered[number] = text
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in lowered], out=offsets[1:])
    # One text after another, as Arrow holds them; from bytes, for it is not UTF-8 while some are hidden.
    data = b"".join(lowered).translate(_LOWER).translate(_PARTED)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


def _documents(indices: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """In how many texts each of `size` words is. `indices`: of the words of all texts, one text after another."""
    if not len(indices):
        return np.zeros(size, np.int64)
    small = size * len(lengths) < 2**31  # twice as fast to sort
    first = np.repeat(np.arange(len(lengths), dtype=np.int32 if small else np.int64) * size, lengths)
    keys = np.sort(first + indices)
    new = np.append(True, keys[1:] != keys[:-1])
    return np.bincount((keys - first)[new], minlength=size)  # sorted, a text's words are where they were


def add_up(tables: Iterable[pa.Table]) -> pa.Table:
    """One table from several."""
    every = pa.concat_tables([_table([], [], []), *tables])
    added = every.group_by("word").aggregate([("count", "sum"), ("documents", "sum")])
    return _table(added["word"], added["count_sum"], added["documents_sum"])


def in_order(table: pa.Table) -> dict[bytes, Seen]:
    """By falling count, ties by the word's bytes: the order of the vocabulary."""
    columns = (table[name].to_pylist() for name in ("word", "count", "documents"))
    rows = sorted(zip(*columns, strict=True), key=lambda row: (-row[1], row[0]))
    return {word: Seen(count, documents) for word, count, documents in rows}


def _table(word: object, count: object, documents: object) -> pa.Table:
    fields = [("word", pa.binary()), ("count", pa.int64()), ("documents", pa.int64())]
    return pa.table([word, count, documents], schema=pa.schema(fields))
