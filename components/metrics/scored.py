"""Scores of each prediction. Every metric is a sum of them, over all examples or over a sample."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from components.shared.calibration import Floats, Ints, bins_of, cross_entropies
from pipeline.core.errors import DataError
from schemas.contracts.evaluation import TOP
from schemas.records.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Scored:
    """Labels int [n] and probabilities float64 [n, classes] of some examples.

    Raises DataError if a probability is NaN or infinite.
    """

    labels: NDArray[np.int32]
    p: Floats
    averaged: tuple[int, ...] | None = None
    """The classes that `macro_f1` is the mean of; None: all that are a label or a prediction."""

    @classmethod
    def of(cls, predictions: Predictions) -> "Scored":
        """Converts predictions to float64."""
        return cls(predictions.labels, predictions.probabilities.astype(np.float64))

    def __post_init__(self) -> None:
        if not np.isfinite(self.p).all():
            row = int(np.argwhere(~np.isfinite(self.p))[0][0])
            raise DataError(
                f"the probabilities of example {row} of the split (in id order) are not finite; train the model again"
            )

    def where(self, mask: NDArray[np.bool_]) -> "Scored":
        """Returns the examples that `mask` selects."""
        return Scored(self.labels[mask], self.p[mask], self.averaged)

    @property
    def classes(self) -> int:
        """The number of classes, with or without examples."""
        return int(self.p.shape[1])

    @property
    def binary(self) -> bool:
        """Whether the number of classes is two."""
        return self.classes == 2

    @cached_property
    def predicted(self) -> Ints:
        """The class with the highest probability, or the first of several: int [n]."""
        return self.p.argmax(axis=1)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the predicted class is the label: bool [n]."""
        return np.asarray(self.predicted == self.labels)

    @cached_property
    def own(self) -> Floats:
        """The probability of the true label: [n]."""
        return self.p[np.arange(len(self.labels)), self.labels]

    @cached_property
    def losses(self) -> Floats:
        """Cross-entropies in nats, ≥ 0: [n]."""
        return cross_entropies(self.own)

    @cached_property
    def top_5(self) -> NDArray[np.bool_]:
        """Whether fewer than five classes have a higher probability than the true one: bool [n]."""
        return np.asarray((self.p > self.own[:, None]).sum(axis=1) < TOP)

    @cached_property
    def confidence(self) -> Floats:
        """The probability of the predicted class, 1 / classes .. 1: [n]."""
        return self.p.max(axis=1)

    @cached_property
    def bins(self) -> Ints:
        """The bin of the confidence in the calibration: int [n]."""
        return bins_of(self.confidence)

    @cached_property
    def ranks(self) -> Ints:
        """With two classes: the rank, from 0, of the probability of label 1 among the distinct values: int [n]."""
        return np.unique(self.p[:, 1], return_inverse=True)[1].ravel()
