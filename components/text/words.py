"""Counts the words of many texts with Arrow. Splits texts as the tokenizing graph does, but several times faster.

The graph turns a text into lower-cased words between separators, which are single bytes in UTF-8. Here a table of bytes
does this for ASCII texts, which are nearly all newswires; the graph does it for all others. Arrow splits and counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from string import ascii_lowercase, ascii_uppercase
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from components.text.tokenize import separated
from components.text.transform_graph import FILTERS, KERAS, UNICODE
from components.text.unicode_words import SEPARATORS
from schemas.artifacts.statistics import Seen

_KEPT, _HIDDEN = b"\v\f\r", b"\xf8\xf9\xfa"
"""Characters at which Arrow splits and the graph does not, and the bytes, never used in UTF-8, that replace them."""

_TO_SPACES_KERAS = bytes.maketrans(
    ascii_uppercase.encode() + FILTERS.encode() + _KEPT, ascii_lowercase.encode() + b" " * len(FILTERS) + _HIDDEN
)
"""Lower-cases ASCII, turns all separators of words into spaces, and hides the characters in _KEPT."""

_TO_SPACES = {
    KERAS: _TO_SPACES_KERAS,
    UNICODE: bytes.maketrans(
        ascii_uppercase.encode() + SEPARATORS.encode(), ascii_lowercase.encode() + b" " * len(SEPARATORS)
    ),
}
"""The tables of the tokenizers that have one. They leave what the graph has prepared as it is."""

_UNHIDE = bytes.maketrans(_HIDDEN, _KEPT)
"""Restores the characters in _KEPT."""


@dataclass(frozen=True)
class Counted:
    """The words of some texts."""

    words: pa.Table
    """`word` (binary), `count` and `documents` (int64), one row per word, in no order."""
    lengths: npt.NDArray[np.int64]
    """The number of words of each text: int64 [n]."""
    sequence: npt.NDArray[np.uint32]
    """A hash of each word, in the order of the texts: uint32 [sum of lengths]. Equal words have equal hashes."""


@dataclass(frozen=True)
class Split:
    """The words of some texts, as numbers."""

    dictionary: pa.BinaryArray
    """Each different word. May hold an empty word, which no text has."""
    words: npt.NDArray[np.int32]
    """The place in `dictionary` of each word of each text, in the order of the texts: int32 [m]."""
    owners: npt.NDArray[np.int64]
    """The text of each of these words, from 0, ascending: int64 [m]."""


def split_fast(texts: Sequence[bytes], tokenizer: str = KERAS) -> Split:
    """Splits UTF-8 `texts`, which must not be empty, into words. `tokenizer`: one of TOKENIZERS."""
    split = pc.ascii_split_whitespace(_prepared(texts, tokenizer))
    encoded = split.flatten().dictionary_encode()
    words = encoded.indices.to_numpy()
    owners = np.repeat(np.arange(len(texts)), np.diff(split.offsets.to_numpy()))
    # Arrow returns an empty word where a text begins or ends with a space.
    empty = pc.binary_length(encoded.dictionary).to_numpy() == 0
    if empty.any():
        words, owners = words[~empty[words]], owners[~empty[words]]
    return Split(_unhidden(encoded.dictionary), words, owners)


def count_words(texts: Sequence[bytes], tokenizer: str = KERAS) -> Counted:
    """Counts the words of UTF-8 `texts`, which must not be empty. `tokenizer`: one of TOKENIZERS."""
    split = split_fast(texts, tokenizer)
    size, words, owners = len(split.dictionary), split.words, split.owners
    table = table_of(split.dictionary, np.bincount(words, minlength=size), _documents(words, owners, size))
    hashes = np.fromiter(map(crc32, split.dictionary.to_pylist()), np.uint32, size)
    return Counted(table.filter(pc.field("count") > 0), np.bincount(owners, minlength=len(texts)), hashes[words])


def _prepared(texts: Sequence[bytes], tokenizer: str) -> pa.StringArray:
    lowered, table = list(texts), _TO_SPACES.get(tokenizer)
    if others := [number for number, text in enumerate(texts) if table is None or not text.isascii()]:
        prepared, _ = _graph(tokenizer)(tf.constant([texts[n] for n in others]))
        for number, text in zip(others, prepared.numpy(), strict=True):
            lowered[number] = text
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in lowered], out=offsets[1:])
    # Built from buffers, because the bytes that hide characters are not UTF-8.
    data = b"".join(lowered).translate(table)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


@cache
def _graph(tokenizer: str) -> Any:
    texts = tf.TensorSpec([None], tf.string)
    return tf.function(partial(separated, tokenizer=tokenizer), input_signature=[texts], autograph=False)


def _unhidden(words: pa.StringArray) -> pa.BinaryArray:
    words = words.cast(pa.binary())
    data = words.buffers()[2].to_pybytes()
    if not any(byte in data for byte in _HIDDEN):
        return words  # the usual case
    return pa.array([word.translate(_UNHIDE) for word in words.to_pylist()], pa.binary())


def _documents(words: npt.NDArray[np.int32], owners: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Returns the number of texts that contain each of `size` words. `owners`: the text of each of `words`, sorted."""
    narrow = words.astype(np.min_scalar_type(size))  # usually two bytes, which NumPy sorts faster, by radix
    order = np.argsort(narrow, kind="stable")
    word, owner = narrow[order], owners[order]
    new = np.append(True, (word[1:] != word[:-1]) | (owner[1:] != owner[:-1]))[: len(word)]
    return np.bincount(word[new], minlength=size)


def add_up(tables: Iterable[pa.Table]) -> pa.Table:
    """Returns one table with the sums of several."""
    every = pa.concat_tables([table_of([], [], []), *tables])
    added = every.group_by("word").aggregate([("count", "sum"), ("documents", "sum")])
    return table_of(added["word"], added["count_sum"], added["documents_sum"])


def in_order(table: pa.Table) -> dict[bytes, Seen]:
    """Returns the words by descending count, equal counts by the word's bytes: the order of the vocabulary."""
    ranked = table.sort_by([("count", "descending"), ("word", "ascending")])
    word, count, documents = (ranked[name].to_pylist() for name in ("word", "count", "documents"))
    return dict(zip(word, map(Seen, count, documents), strict=True))


def table_of(word: object, count: object, documents: object) -> pa.Table:
    """Returns a table with the columns of `Counted.words`."""
    fields = [("word", pa.binary()), ("count", pa.int64()), ("documents", pa.int64())]
    return pa.table([word, count, documents], schema=pa.schema(fields))
