"""The texts and the model of the benchmark `label`: a linear model that is trained on some rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from components.reference_model.linear import Linear, out_of_fold
from components.shared.calibration import Floats

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Texts:
    """A split: how often each text has each word."""

    counts: sparse.csr_matrix
    labels: Rows

    @cached_property
    def weights(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Sublinear term frequencies, and their squares."""
        terms = self.counts.astype(np.float64)
        terms.data = 1 + np.log(terms.data)
        return terms, terms.multiply(terms).tocsr()

    def decide(self, model: "Model") -> Floats:
        """Returns decision values [n, classes]. A product with all columns is faster than choosing columns."""
        terms, squares = self.weights
        norm = np.sqrt(squares @ model.scale**2)
        values = (terms @ (model.weights * model.scale).T) / np.where(norm > 0, norm, 1)[:, None] + model.bias
        values = np.hstack([-values, values]) if len(model.trained) == 2 else values
        found = np.repeat(values.min(axis=1, keepdims=True) - 1, model.classes, axis=1)
        found[:, model.trained] = values
        return found


@dataclass(frozen=True, eq=False)
class Model:
    """A linear model of all words; the weights of words that it did not see are 0."""

    scale: Floats
    weights: Floats
    bias: Floats
    trained: Rows
    classes: int
    temperature: float

    @classmethod
    def fit(cls, texts: Texts, rows: Rows, classes: int, seed: int, calibrated: bool) -> "Model":
        """Trains on some rows. `calibrated`: whether its probabilities are needed."""
        seen = np.flatnonzero(np.asarray(texts.counts[rows].sum(axis=0)).ravel())
        counts, labels = texts.counts[rows][:, seen], texts.labels[rows]
        tfidf = TfidfTransformer(sublinear_tf=True).fit(counts)
        features = tfidf.transform(counts)
        model = Linear.fit(features, labels, classes, seed)
        temperature = out_of_fold(features, labels, classes, seed).temperature if calibrated else 1.0
        assert model.machine is not None
        scale = np.zeros(texts.counts.shape[1])
        weights = np.zeros([len(model.machine.coef_), len(scale)])
        scale[seen], weights[:, seen] = tfidf.idf_, model.machine.coef_
        return cls(scale, weights, model.machine.intercept_, model.trained, classes, temperature)
