"""What a model answers to texts: probabilities, labels by name, and whether it is sure enough. Imports NumPy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Prediction:
    """The answer to one text."""

    label: str
    """The most probable label."""
    probability: float
    """Its probability, 0..1."""
    answered: bool
    """Whether the probability reaches the confidence from which the model answers."""
    top: tuple[tuple[str, float], ...]
    """The most probable labels with their probabilities, in falling order."""


@dataclass(frozen=True)
class Predictions(Sequence[Prediction]):
    """The answers to several texts, in their order. Printed, it is a table of labels and probabilities."""

    labels: tuple[str, ...]
    """The names of the labels, in the order of the columns of `probabilities`."""
    probabilities: NDArray[np.float32]
    """float32 [texts, labels]."""
    answered: NDArray[np.bool_]
    """bool [texts]."""

    TOP, SHOWN = 5, 20
    """The labels of a Prediction, and the rows of the printed table."""

    @property
    def label(self) -> list[str]:
        """The most probable label of each text."""
        return [self.labels[number] for number in self.probabilities.argmax(axis=1)]

    @property
    def probability(self) -> NDArray[np.float32]:
        """The probability of that label: float32 [texts]."""
        return self.probabilities.max(axis=1, initial=0)

    def ranks(self, number: int) -> NDArray[np.int64]:
        """Returns the ids of the most probable labels in falling order, equal ones by id: int64 [texts, number]."""
        return np.argsort(-self.probabilities, axis=1, kind="stable")[:, :number]

    def __len__(self) -> int:
        return len(self.probabilities)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        """One answer, or those of a slice."""
        if isinstance(index, slice):
            return Predictions(self.labels, self.probabilities[index], self.answered[index])
        row = Predictions(self.labels, self.probabilities[index][None], self.answered[index][None])
        top = tuple((self.labels[n], float(row.probabilities[0, n])) for n in row.ranks(self.TOP)[0])
        return Prediction(*top[0], bool(row.answered[0]), top)

    def __iter__(self) -> Iterator[Prediction]:
        return (self[index] for index in range(len(self)))

    def __str__(self) -> str:
        if len(self) > self.SHOWN:
            return f"{self[: self.SHOWN]}\n… and {len(self) - self.SHOWN:,} more"
        width = max([len("label"), *map(len, self.label)])
        rows = zip(self.label, self.probability.tolist(), self.answered.tolist(), strict=True)
        lines = [
            f"{label:<{width}}  {probability:11.4f}  {'yes' if sure else 'no'}" for label, probability, sure in rows
        ]
        return "\n".join([f"{'label':<{width}}  probability  answered", *lines])
