"""The linear model: a support vector machine per label, and probabilities from its decision values.

Imports scikit-learn and SciPy.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from components.metrics.fit_temperature import fit_temperature
from components.reference_model.features import Features
from components.reference_model.read import Train
from components.shared.calibration import Floats
from schemas.contracts.reference import LinearModel

C, TOLERANCE = 0.2, 0.1
"""Measured on Reuters and IMDB: see docs/reference/evaluation.md. With a tolerance of 1 the accuracy is equal, but the
scale of the decision values differs between folds and the final model: the probabilities are wrong."""

FOLDS_OF_TWO, FOLDS = 3, 2
"""Folds for two labels, and for more. A machine per label and fold is trained, which takes long with many labels.

With a fold more, Reuters (46 labels) finds as many label errors; with a fold less, IMDB (2 labels) finds 1 % fewer.
"""

TEMPERATURES = (0.01, 100.0)
"""The range in which the temperature is searched."""

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Linear:
    """A trained model. Labels without a training example are never predicted."""

    classes: int
    trained: Labels
    """The labels that it was trained with, ascending."""
    machine: LinearSVC | None
    """None if all examples have one label."""

    @classmethod
    def fit(cls, features: sparse.csr_matrix, labels: Labels, classes: int, seed: int) -> "Linear":
        """Trains on `features` [n, columns] and `labels` [n]."""
        trained = np.unique(labels)
        if len(trained) < 2:
            return cls(classes, trained, None)
        machine = LinearSVC(C=C, class_weight="balanced", tol=TOLERANCE, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # after 1,000 passes it is good enough to compare with
            machine.fit(features, labels)
        return cls(classes, trained, machine)

    def decide(self, features: sparse.csr_matrix) -> Floats:
        """Returns decision values: float64 [n, classes]. A label that it was not trained with has the lowest."""
        n = features.shape[0]
        if self.machine is None:
            values = np.ones((n, 1))
        else:
            values = self.machine.decision_function(features).reshape(n, -1)
            values = np.hstack([-values, values]) if len(self.trained) == 2 else values
        found = np.repeat(values.min(axis=1, keepdims=True) - 1, self.classes, axis=1)
        found[:, self.trained] = values
        return found


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Predictions for the train split, each by a model that did not train on the text."""

    probabilities: Floats
    """float64 [n, classes]"""
    temperature: float
    """The temperature that gives these probabilities the lowest loss."""


def out_of_fold(features: sparse.csr_matrix, labels: Labels, classes: int, seed: int) -> HeldOut:
    """Divides train into folds, trains a model for each on the other folds, and predicts the fold with it."""
    decisions = np.empty((len(labels), classes))
    parts = folds(labels, seed)
    for number in np.unique(parts):
        inside = parts == number
        others = ~inside if (~inside).any() else inside  # a single text
        model = Linear.fit(features[others], labels[others], classes, seed)
        decisions[inside] = model.decide(features[inside])
    temperature = fit_temperature(decisions, labels, TEMPERATURES)
    return HeldOut(probabilities(decisions, temperature), temperature)


def fold_count(labels: Labels) -> int:
    """Returns the number of folds for these labels."""
    return FOLDS if len(np.unique(labels)) > 2 else FOLDS_OF_TWO


def folds(labels: Labels, seed: int) -> Labels:
    """Divides the examples of each label evenly among the folds, at random: int64 [n]."""
    count = fold_count(labels)
    random = np.random.RandomState(seed)  # whose numbers NumPy guarantees for ever
    parts = np.empty(len(labels), np.int64)
    start = 0
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        parts[rows] = (start + np.arange(len(rows))) % count
        start += len(rows)  # else all rare labels would be in the first part
    return parts


def probabilities(decisions: Floats, temperature: float) -> Floats:
    """Returns the softmax of decision values: float64 [n, classes]."""
    return np.asarray(np.exp(log_softmax(decisions / temperature, axis=1)))


def about(features: Features, train: Train, held_out: HeldOut, label_errors: int) -> LinearModel:
    """Returns the content of `reference.json`."""
    return LinearModel(
        features="words" if features.kind == "words" else "characters",
        columns=len(features.columns),
        train_examples=len(train.ids),
        folds=fold_count(train.labels),
        temperature=held_out.temperature,
        label_errors=label_errors,
    )
