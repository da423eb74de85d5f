"""Finds the wide branch of a model on the train split, before the training. Imports TensorFlow and scikit-learn.

For many labels, the n-grams are weighted by 1 + log(occurrences) times idf, as in scikit-learn's TfidfVectorizer. For
two labels, they are weighted by naive Bayes log-count ratios: Wang and Manning 2012, Baselines and Bigrams
(https://aclanthology.org/P12-2018). The classifier is a linear SVM with balanced classes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from components.metrics.fit_temperature import fit_temperature
from components.models.ngrams import NgramWeights
from components.models.spec import ModelSpec
from components.models.wide import LinearClassifier, layer_of, wide_part
from components.shared.calibration import Floats, logits_of
from components.trainer.confidence import predict
from components.trainer.data import Data, Splits
from components.trainer.fit_share import ENOUGH
from pipeline.core.errors import DataError

ROWS = 1024
"""Texts whose n-grams are counted at a time."""

BYTES_PER_NGRAM = 32
"""Memory for one n-gram of a text: the counts, the weights, and the copy of them that the SVM makes."""

TOLERANCE = 0.01
"""With scikit-learn's 1e-4, Reuters takes 1.2 and IMDB 1.7 times as long, and the validation accuracy is the same."""

USUAL = 0.2
"""The temperature of the linear classifier if there are not enough: about the one for Reuters."""


@dataclass(frozen=True)
class Counted:
    """The n-grams of train: occurrences float64 [texts, features], and labels int32 [texts]."""

    counts: Any
    labels: NDArray[np.int32]


def fit_wide(
    model: keras.Model, spec: ModelSpec, data: Splits, seed: int, budget: int, log: Callable[[str], None]
) -> None:
    """Sets the weights of the wide branch of `model`. `budget`: bytes for the n-grams of train.

    Uses the first texts of train, in the order of the first epoch, if not all fit. Raises DataError if train has texts
    of one label only, or if the budget is too small for the weights.
    """
    ngrams, linear = layer_of(model, NgramWeights), layer_of(model, LinearClassifier)
    texts = _affordable(data.train, spec, ngrams.features * linear.outputs, budget, log)
    train = _count(ngrams, data.train, texts)
    scale = nb_scale(train) if spec.wide_form == "nb" else idf_scale(train)
    scale[~_known(train.counts, ngrams.words)] = 0
    ngrams.scale.assign(scale.astype(np.float32))
    kernel, bias = fit_svm(_weighted(train.counts, scale, ngrams.presence), train.labels, linear.outputs, seed)
    linear.kernel.assign(kernel)
    linear.bias.assign(bias)
    part = wide_part(model)
    p, labels = predict(keras.Model(part.input, part.outputs[1]), data.validation)
    temperature = fit_temperature(logits_of(p), labels) if len(labels) >= ENOUGH else USUAL
    linear.kernel.assign(kernel / temperature)
    linear.bias.assign(bias / temperature)
    right = float((p.argmax(axis=1) == labels).mean())
    log(
        f"the linear classifier of {np.count_nonzero(scale):,} n-grams has accuracy {right:.4f} on the validation split"
    )


def idf_scale(train: Counted) -> Floats:
    """Returns scikit-learn's smooth inverse document frequency of each feature: float64 [features]."""
    texts = np.bincount(train.counts.indices, minlength=train.counts.shape[1])
    scale: Floats = np.log((1 + train.counts.shape[0]) / (1 + texts)) + 1
    return scale


def nb_scale(train: Counted) -> Floats:
    """Returns the log of the ratio of each feature's frequency in texts of label 1 and of label 0, smoothed by 1."""
    by_label = [
        np.bincount(train.counts[train.labels == label].indices, minlength=train.counts.shape[1]) + 1.0
        for label in (0, 1)
    ]
    scale: Floats = np.log((by_label[1] / by_label[1].sum()) / (by_label[0] / by_label[0].sum()))
    return scale


def fit_svm(
    weights: Any, labels: NDArray[np.int32], outputs: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns kernel float32 [features, outputs] and bias [outputs] of a linear SVM.

    A label without an example has the decision -1, the target of the other labels' texts. Raises DataError if only one
    label has examples.
    """
    present = np.unique(labels)
    if len(present) < 2:
        raise DataError(
            f"train has texts of one label only ({len(labels):,} texts), so no classifier can be found; add texts of "
            "other labels, or set --wide=none"
        )
    svm = LinearSVC(class_weight="balanced", random_state=seed, tol=TOLERANCE).fit(weights, labels)
    if outputs == 1:
        return svm.coef_.T.astype(np.float32), svm.intercept_.astype(np.float32)
    kernel, bias = np.zeros((weights.shape[1], outputs), np.float32), np.full(outputs, -1, np.float32)
    if len(present) == 2:  # scikit-learn then has one decision, of the second
        kernel[:, present], bias[present] = np.stack([-svm.coef_[0], svm.coef_[0]], axis=1), [-1, 1] * svm.intercept_
    else:
        kernel[:, present], bias[present] = svm.coef_.T, svm.intercept_
    return kernel, bias


def _known(counts: Any, words: int) -> NDArray[np.bool_]:
    """Returns which features train has: words that occur, and longer n-grams that occur in two texts."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    least = np.where(np.arange(len(texts)) < words, 1, 2)
    known: NDArray[np.bool_] = texts >= least
    return known


def _weighted(counts: Any, scale: Floats, presence: bool) -> Any:
    """Returns what the layer NgramWeights computes, in float64."""
    values = (1.0 if presence else 1 + np.log(counts.data)) * scale[counts.indices]
    found = sparse.csr_matrix((values, counts.indices, counts.indptr), counts.shape)
    found.eliminate_zeros()
    return normalize(found)


def _count(ngrams: NgramWeights, train: Data, texts: int) -> Counted:
    count = tf.function(ngrams.count, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    parts, labels = [], []
    for tokens, its_labels in _chunks(train, texts):
        features, counts = (tensor.numpy() for tensor in count(tf.constant(tokens)))
        rows, columns = np.nonzero(counts)
        places = np.concatenate([[0], np.bincount(rows, minlength=len(tokens)).cumsum()])
        shape = (len(tokens), ngrams.features)
        values = counts[rows, columns].astype(np.float64)
        parts.append(sparse.csr_matrix((values, features[rows, columns], places), shape))
        labels.append(its_labels)
    return Counted(sparse.vstack(parts, format="csr"), np.concatenate(labels))


def _chunks(train: Data, texts: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Yields the first `texts` examples of the first epoch, about ROWS at a time."""
    held: list[Any] = []
    left = texts
    for tokens, labels in train.batches(1):
        held.append((tokens[:left], labels[:left]))
        left -= len(held[-1][1])
        if left == 0 or sum(len(labels) for _, labels in held) >= ROWS:
            yield tuple(np.concatenate(arrays) for arrays in zip(*held, strict=True))
            held = []
        if left == 0:
            return


def _affordable(train: Data, spec: ModelSpec, weights: int, budget: int, log: Callable[[str], None]) -> int:
    """Returns how many texts of train are used."""
    left = budget - 4 * 4 * weights  # the kernel, and its copies in the checkpoint and in the best weights
    texts = left // (BYTES_PER_NGRAM * spec.max_len * (spec.words_of_ngram + len(spec.leads)))
    if texts < min(train.examples, ROWS):
        raise DataError(
            f"the memory budget of {budget / 2**20:,.0f} MB is too small for n-grams with {weights:,} weights; raise "
            "--memory_budget_mb, or lower --ngram_buckets, --ngrams or --max_len"
        )
    if texts < train.examples:
        log(f"the linear classifier uses {texts:,} of {train.examples:,} texts of train: --memory_budget_mb sets this")
    return int(min(texts, train.examples))
