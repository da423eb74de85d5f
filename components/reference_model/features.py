"""Turns texts into TF-IDF features: words as the tokenizer splits them, or sequences of characters.

Imports TensorFlow and scikit-learn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from components.reference_model.read import Train
from components.text.tokenize import lower
from components.text.transform_graph import KERAS
from components.text.words import split_fast
from pipeline.core.errors import DataError

WORDS, CHARACTERS = "words", "characters"

FEW_WORDS, LONG = 2, 12
"""The texts are of a language without spaces if the median text has at most FEW_WORDS words but LONG characters."""

AT_ONCE = 1024
"""Texts that are split together."""

Tokens = tuple[Sequence[bytes], NDArray[np.int64], NDArray[np.int64]]
"""Different tokens, the place among them of each token of each text, and the text of each of these tokens."""


@dataclass(frozen=True, eq=False)
class Features:
    """The words of train and their weights. Words that train does not have are left out."""

    kind: str
    """WORDS or CHARACTERS."""
    tokenizer: str
    """Splits texts into words: one of TOKENIZERS."""
    columns: dict[bytes, int]
    """The column of each word, or sequence of characters, by the order of its bytes."""
    weights: TfidfTransformer

    @classmethod
    def fit(cls, train: Train, tokenizer: str = KERAS) -> "tuple[Features, sparse.csr_matrix]":
        """Learns words and weights from train, and returns its features too. Raises DataError if it has no words."""
        kind = kind_of(train.texts, tokenizer)
        known: dict[bytes, int] = {}
        counted = [
            _count(_tokens(kind, tokenizer, batch), len(batch), known, grow=True) for batch in _batches(train.texts)
        ]
        if not known:
            raise DataError("the texts of train have no words; there is nothing to learn from")
        order = {word: column for column, word in enumerate(sorted(known))}
        counts = _stack(counted, len(known))
        # A fixed order of the columns gives the same sums, whatever the order of the texts was.
        counts = counts[:, [known[word] for word in order]]
        counts.sort_indices()
        weights = TfidfTransformer(sublinear_tf=True).fit(counts)
        return cls(kind, tokenizer, order, weights), weights.transform(counts)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Returns the features of `texts`: float64 [n, columns]."""
        counted = [
            _count(_tokens(self.kind, self.tokenizer, batch), len(batch), self.columns, grow=False)
            for batch in _batches(texts)
        ]
        return self.weights.transform(_stack(counted, len(self.columns)))


def kind_of(texts: Sequence[str], tokenizer: str = KERAS) -> str:
    """Returns CHARACTERS for texts whose language has no spaces, if `tokenizer` needs them, else WORDS."""
    texts = texts[:: -(-len(texts) // AT_ONCE)]  # a sample is enough
    words = _word_counts(texts, tokenizer)
    few = float(np.median(words)) <= FEW_WORDS
    return CHARACTERS if few and float(np.median([len(text) for text in texts])) >= LONG else WORDS


def _word_counts(texts: Sequence[str], tokenizer: str) -> NDArray[np.int64]:
    owners = split_fast([text.encode() for text in texts], tokenizer).owners
    return np.bincount(owners, minlength=len(texts))


def _batches(texts: Sequence[str]) -> Iterable[Sequence[str]]:
    return (texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE))


def _tokens(kind: str, tokenizer: str, texts: Sequence[str]) -> Tokens:
    data = [text.encode() for text in texts]
    if kind == WORDS:
        split = split_fast(data, tokenizer)
        return split.dictionary.to_pylist(), split.words.astype(np.int64), split.owners
    known: dict[bytes, int] = {}
    places, owners = [], []
    for number, text in enumerate(lower(tf.constant(data)).numpy()):
        characters = "".join(text.decode().split())
        found = [*characters, *map("".join, pairwise(characters))]
        places += [known.setdefault(sequence.encode(), len(known)) for sequence in found]
        owners += [number] * len(found)
    return list(known), np.array(places, np.int64), np.array(owners, np.int64)


def _count(tokens: Tokens, texts: int, known: dict[bytes, int], grow: bool) -> sparse.csr_matrix:
    """Counts tokens: [texts, columns so far]. `grow`: whether tokens that are not `known` become columns."""
    dictionary, places, owners = tokens
    if grow:
        for token in dictionary:
            if token:
                known.setdefault(token, len(known))
    column = np.array([known.get(token, -1) for token in dictionary], np.int64)[places]
    there = column >= 0
    cells = np.ones(int(there.sum())), (owners[there], column[there])
    return sparse.csr_matrix(cells, shape=(texts, max(1, len(known))))


def _stack(counted: Sequence[sparse.csr_matrix], columns: int) -> sparse.csr_matrix:
    for part in counted:
        part.resize((part.shape[0], columns))
    return sparse.vstack(counted, format="csr")
