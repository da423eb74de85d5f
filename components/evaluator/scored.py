"""Predictions, scored example by example: what every metric, on all examples or a sample of them, is a sum of."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import DataError
from schemas.records.predictions import Predictions

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 - EPSILON] before their logarithm, as by Keras (`keras.config.epsilon`)."""

BINS = 15
"""Of equal width, for the calibration."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scored:
    """Labels int [n] and probabilities float64 [n, classes] of some examples.

    Raises DataError if a probability is no number.
    """

    labels: NDArray[np.int32]
    p: Floats

    @classmethod
    def of(cls, predictions: Predictions) -> "Scored":
        """Predictions, in float64."""
        return cls(predictions.labels, predictions.probabilities.astype(np.float64))

    def __post_init__(self) -> None:
        if not np.isfinite(self.p).all():
            row = int(np.argwhere(~np.isfinite(self.p))[0][0])
            raise DataError(
                f"the model gives no probability for example {row} of the split, in id order; train it anew"
            )

    def where(self, mask: NDArray[np.bool_]) -> "Scored":
        """Some of the examples."""
        return Scored(self.labels[mask], self.p[mask])

    @property
    def classes(self) -> int:
        """How many classes there are, whether or not examples of them."""
        return int(self.p.shape[1])

    @property
    def binary(self) -> bool:
        """Whether there are two classes."""
        return self.classes == 2

    @cached_property
    def predicted(self) -> Ints:
        """The class of the highest probability, the first of equals: int [n]."""
        return self.p.argmax(axis=1)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether that is the label: bool [n]."""
        return np.asarray(self.predicted == self.labels)

    @cached_property
    def own(self) -> Floats:
        """The probability of the true label: [n]."""
        return self.p[np.arange(len(self.labels)), self.labels]

    @cached_property
    def losses(self) -> Floats:
        """Cross-entropies in nats, ≥ 0: [n]."""
        return -np.log(np.clip(self.own, EPSILON, 1 - EPSILON))

    @cached_property
    def top_5(self) -> NDArray[np.bool_]:
        """Whether fewer than five classes have a higher probability than the true one: bool [n]."""
        return np.asarray((self.p > self.own[:, None]).sum(axis=1) < 5)

    @cached_property
    def confidence(self) -> Floats:
        """The probability of the predicted class, 1 / classes .. 1: [n]."""
        return self.p.max(axis=1)

    @cached_property
    def bins(self) -> Ints:
        """The bin of the confidence, 0..BINS - 1: bin i holds those in (i / BINS, (i + 1) / BINS]."""
        return np.clip(np.ceil(self.confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)

    @cached_property
    def ranks(self) -> Ints:
        """With two classes: the rank of the probability of label 1 among the distinct ones, from 0: int [n]."""
        return np.unique(self.p[:, 1], return_inverse=True)[1].ravel()
