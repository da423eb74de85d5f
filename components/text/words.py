"""Counts the words of many texts at once, as the tokenising graph parts them, at several times its speed.

The graph lowers a text and parts it at FILTERS and U+0020, which are bytes of UTF-8. Lowering is left to the graph for
all text but ASCII, which is nearly all newswire and where it is a table of 128 bytes; parting and counting are Arrow's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from components.text.tokenize import lower
from components.text.transform_graph import FILTERS
from schemas.artifacts.statistics import Seen

_KEPT, _HIDDEN = b"\v\f\r", b"\xf8\xf9\xfa"
"""What Arrow would part words at and the graph does not, and bytes that UTF-8 never has, which stand in meanwhile."""

_PARTED = bytes.maketrans(
    ascii_uppercase.encode() + FILTERS.encode() + _KEPT, ascii_lowercase.encode() + b" " * len(FILTERS) + _HIDDEN
)
"""Lowers ASCII, and makes a space of all that words are parted at."""

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
    encoded = parted.flatten().dictionary_encode()
    size, words = len(encoded.dictionary), encoded.indices.to_numpy()
    owners = np.repeat(np.arange(len(texts)), np.diff(parted.offsets.to_numpy()))  # of each word, its text
    # Arrow has an empty word where a text begins or ends with a space.
    if (empty := encoded.dictionary.index("").as_py()) >= 0:
        words, owners = words[words != empty], owners[words != empty]
    table = _table(_shown(encoded.dictionary), np.bincount(words, minlength=size), _documents(words, owners, size))
    return Counted(table.filter(pc.field("count") > 0), np.bincount(owners, minlength=len(texts)))


def _prepared(texts: Sequence[bytes]) -> pa.StringArray:
    lowered = list(texts)
    if others := [number for number, text in enumerate(texts) if not text.isascii()]:
        for number, text in zip(others, lower(tf.constant([texts[n] for n in others])).numpy(), strict=True):
            lowered[number] = text
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in lowered], out=offsets[1:])
    # One text after another, as Arrow holds them; from bytes, for it is not UTF-8 while some are hidden.
    data = b"".join(lowered).translate(_PARTED)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


def _shown(words: pa.StringArray) -> pa.BinaryArray:
    words = words.cast(pa.binary())
    data = words.buffers()[2].to_pybytes()
    if not any(byte in data for byte in _HIDDEN):
        return words  # nearly always
    return pa.array([word.translate(_SHOWN) for word in words.to_pylist()], pa.binary())


def _documents(words: npt.NDArray[np.int32], owners: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """In how many texts each of `size` words is. `owners`: of each of `words` its text, in order."""
    narrow = words.astype(np.min_scalar_type(size))  # two bytes, nearly always, which NumPy sorts by radix
    order = np.argsort(narrow, kind="stable")
    word, owner = narrow[order], owners[order]
    new = np.append(True, (word[1:] != word[:-1]) | (owner[1:] != owner[:-1]))[: len(word)]
    return np.bincount(word[new], minlength=size)


def add_up(tables: Iterable[pa.Table]) -> pa.Table:
    """One table from several."""
    every = pa.concat_tables([_table([], [], []), *tables])
    added = every.group_by("word").aggregate([("count", "sum"), ("documents", "sum")])
    return _table(added["word"], added["count_sum"], added["documents_sum"])


def in_order(table: pa.Table) -> dict[bytes, Seen]:
    """By falling count, ties by the word's bytes: the order of the vocabulary."""
    ranked = table.sort_by([("count", "descending"), ("word", "ascending")])
    word, count, documents = (ranked[name].to_pylist() for name in ("word", "count", "documents"))
    return dict(zip(word, map(Seen, count, documents), strict=True))


def _table(word: object, count: object, documents: object) -> pa.Table:
    fields = [("word", pa.binary()), ("count", pa.int64()), ("documents", pa.int64())]
    return pa.table([word, count, documents], schema=pa.schema(fields))
