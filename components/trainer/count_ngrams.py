"""Counts the n-grams of the texts that the linear classifier learns from. Imports TensorFlow and SciPy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy import sparse

from components.models.ngrams import NgramWeights
from components.models.spec import ModelSpec
from components.trainer.data import Data, tokens_of
from pipeline.core.errors import DataError

ROWS = 1024
"""Texts whose n-grams are counted at a time."""

BYTES_PER_NGRAM = 32
"""Memory for one n-gram of a text: the weight and its place (12), and the copy of them that the SVM makes (16)."""


@dataclass(frozen=True)
class Counted:
    """The n-grams of texts: occurrences float32 [texts, features], and labels int32 [texts]."""

    counts: Any
    labels: NDArray[np.int32]


def count(ngrams: NgramWeights, splits: Sequence[Data], texts: int) -> Counted:
    """Counts the n-grams of the first `texts` examples of `splits`, in the order of the first epoch."""
    tokens = tf.TensorSpec([None, None], tf.int32)
    count_batch = tf.function(ngrams.count, input_signature=[tokens], autograph=False)
    parts, labels = [], []
    for tokens, its_labels in _chunks(splits, texts):
        features, counts = (tensor.numpy() for tensor in count_batch(tf.constant(tokens)))
        rows, columns = np.nonzero(counts)
        places = np.concatenate([[0], np.bincount(rows, minlength=len(tokens)).cumsum()])
        shape = (len(tokens), ngrams.features)
        values = counts[rows, columns]
        parts.append(sparse.csr_matrix((values, features[rows, columns], places), shape))
        labels.append(its_labels)
    return Counted(sparse.vstack(parts, format="csr"), np.concatenate(labels))


def _chunks(splits: Sequence[Data], texts: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Yields the first `texts` examples, about ROWS at a time."""
    held: list[Any] = []
    left = texts
    for inputs, labels in chain.from_iterable(split.batches(1) for split in splits):
        held.append((tokens_of(inputs)[:left], labels[:left]))
        left -= len(held[-1][1])
        if left == 0 or sum(len(labels) for _, labels in held) >= ROWS:
            yield tuple(np.concatenate(arrays) for arrays in zip(*held, strict=True))
            held = []
        if left == 0:
            return


def affordable(examples: int, spec: ModelSpec, weights: int, budget: int) -> int:
    """Returns how many of the texts fit into `budget` bytes. `weights`: the number of weights of the classifier.

    Raises DataError if not even ROWS of them fit.
    """
    left = budget - 4 * 4 * weights  # the kernel, and its copies in the checkpoint and in the best weights
    texts = left // (BYTES_PER_NGRAM * spec.max_len * (spec.words_of_ngram + len(spec.leads)))
    if texts < min(examples, ROWS):
        raise DataError(
            f"the memory budget of {budget / 2**20:,.0f} MB is too small for n-grams with {weights:,} weights; raise "
            "--memory_budget_mb, or lower --ngram_buckets, --ngrams or --max_len"
        )
    return int(min(texts, examples))
