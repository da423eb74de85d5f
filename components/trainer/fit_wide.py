"""Finds the wide branch of a model, before and after the training of the layers. Imports scikit-learn and TensorFlow.

For many labels, the n-grams are weighted by 1 + log(occurrences) times idf, as in scikit-learn's TfidfVectorizer. For
two labels, they are weighted by naive Bayes log-count ratios: Wang and Manning 2012, Baselines and Bigrams
(https://aclanthology.org/P12-2018). The classifier is a linear SVM with balanced classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
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
from components.trainer.count_ngrams import Counted, affordable, count
from components.trainer.data import Data, Splits
from components.trainer.fit_share import ENOUGH
from pipeline.core.errors import DataError

TOLERANCE = 0.01
"""With scikit-learn's 1e-4, Reuters takes 1.2 and IMDB 1.7 times as long, and the validation accuracy is the same."""

USUAL = 0.2
"""The temperature of the linear classifier if there are not enough: about the one for Reuters."""

Kernel = NDArray[np.float32]


@dataclass
class WideFit:
    """Sets the weights of the wide branch twice: before the training from train, after it from all texts.

    The layers, the share and the temperature need a validation split that the linear classifier has not seen. After
    them the linear classifier learns from the validation split, too: on Reuters this is a tenth more texts.
    """

    spec: ModelSpec
    data: Splits
    seed: int
    budget: int
    """Bytes for the n-grams."""
    log: Callable[[str], None]
    temperature: float = 1.0
    """The decisions of the support vector machine are divided by it. `before` sets it."""

    def before(self, model: keras.Model) -> None:
        """Fits to the first texts of train, in the order of the first epoch, as many as the budget allows.

        Raises DataError if train has texts of one label only, or if the budget is too small for the weights.
        """
        train = self.data.train
        texts = affordable(train.examples, self.spec, _weights(model), self.budget)
        if texts < train.examples:
            self.log(
                f"the linear classifier uses {texts:,} of {train.examples:,} texts of train: --memory_budget_mb sets "
                "this"
            )
        features = self._fit(model, [train], texts)
        part = wide_part(model)
        p, labels = predict(keras.Model(part.input, part.outputs[1]), self.data.validation)
        self.temperature = fit_temperature(logits_of(p), labels) if len(labels) >= ENOUGH else USUAL
        for weights in layer_of(model, LinearClassifier).weights:
            weights.assign(weights / self.temperature)
        right = float((p.argmax(axis=1) == labels).mean())
        self.log(f"the linear classifier of {features:,} n-grams has accuracy {right:.4f} on the validation split")

    def after(self, model: keras.Model) -> None:
        """Fits to train and validation together, with the temperature of before, if the budget allows all texts."""
        train, validation = self.data.train, self.data.validation
        texts = train.examples + validation.examples
        if affordable(texts, self.spec, _weights(model), self.budget) < texts:
            self.log("the linear classifier does not learn from the validation split: --memory_budget_mb is too small")
            return
        features = self._fit(model, [train, validation], texts)
        self.log(f"the linear classifier of {features:,} n-grams is fitted again, to train and validation together")

    def _fit(self, model: keras.Model, splits: Sequence[Data], texts: int) -> int:
        """Sets the weights of the n-grams and the classifier. Returns the number of n-grams."""
        ngrams, linear = layer_of(model, NgramWeights), layer_of(model, LinearClassifier)
        found = count(ngrams, splits, texts)
        scale = nb_scale(found) if self.spec.wide_form == "nb" else idf_scale(found)
        scale[~_known(found.counts, ngrams.words)] = 0
        ngrams.scale.assign(scale.astype(np.float32))
        labels = found.labels
        weighted = _weighted(found.counts, scale, ngrams.presence)
        del found  # its numbers of occurrences: the SVM needs the memory
        kernel, bias = fit_svm(weighted, labels, linear.outputs, self.seed)
        linear.kernel.assign(kernel / self.temperature)
        linear.bias.assign(bias / self.temperature)
        return int(np.count_nonzero(scale))


def _weights(model: keras.Model) -> int:
    return int(layer_of(model, NgramWeights).features * layer_of(model, LinearClassifier).outputs)


def idf_scale(found: Counted) -> Floats:
    """Returns scikit-learn's smooth inverse document frequency of each feature: float64 [features]."""
    texts = np.bincount(found.counts.indices, minlength=found.counts.shape[1])
    scale: Floats = np.log((1 + found.counts.shape[0]) / (1 + texts)) + 1
    return scale


def nb_scale(found: Counted) -> Floats:
    """Returns the log of the ratio of each feature's frequency in texts of label 1 and of label 0, smoothed by 1."""
    by_label = [
        np.bincount(found.counts[found.labels == label].indices, minlength=found.counts.shape[1]) + 1.0
        for label in (0, 1)
    ]
    scale: Floats = np.log((by_label[1] / by_label[1].sum()) / (by_label[0] / by_label[0].sum()))
    return scale


def fit_svm(weights: Any, labels: NDArray[np.int32], outputs: int, seed: int) -> tuple[Kernel, Kernel]:
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
    """Returns what the layer NgramWeights computes, in float64. Uses up `counts`: the result has its places."""
    values = scale[counts.indices]
    if not presence:
        values *= 1 + np.log(counts.data, dtype=np.float64)
    found = sparse.csr_matrix((values, counts.indices, counts.indptr), counts.shape)
    found.eliminate_zeros()
    return normalize(found, copy=False)
