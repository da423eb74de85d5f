"""The pairs of nearly equal texts to list: the first ones of any number of pairs, in memory for these alone."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Pairs = npt.NDArray[np.int64]
"""int64 [n, 2]: numbers of different texts, the smaller number first."""

Similarity = npt.NDArray[np.float64]
"""The estimated similarity of each pair: float64 [n]."""


@dataclass
class FirstPairs:
    """The first `most` pairs: those of two splits, then the most similar, then those with the smallest numbers."""

    split: npt.NDArray[np.integer[Any]]
    """The number of each text's split."""
    most: int
    pairs: Pairs = field(default_factory=lambda: np.empty((0, 2), np.int64))
    similarity: Similarity = field(default_factory=lambda: np.empty(0))

    def add(self, pairs: Pairs, similarity: Similarity) -> None:
        """Adds pairs. The same pair may be added several times."""
        if len(self.pairs) == self.most:
            before = self._before_last(pairs, similarity)
            pairs, similarity = pairs[before], similarity[before]
        if not len(pairs):
            return
        pairs = np.concatenate([self.pairs, pairs])
        pairs, where = np.unique(pairs, axis=0, return_index=True)
        similarity = np.concatenate([self.similarity, similarity])[where]
        order = np.lexsort((-similarity, self._of_one_split(pairs)))[: self.most]  # stable: then in order of numbers
        self.pairs, self.similarity = pairs[order], similarity[order]

    def open_to(self, pairs: Pairs) -> npt.NDArray[np.bool_]:
        """Whether each pair would be one of the first if its texts were equal."""
        return (
            self._before_last(pairs, np.ones(len(pairs))) if len(self.pairs) == self.most else np.ones(len(pairs), bool)
        )

    def _before_last(self, pairs: Pairs, similarity: Similarity) -> npt.NDArray[np.bool_]:
        """Whether each pair comes before the last one that is listed."""
        same, [last] = self._of_one_split(pairs), self._of_one_split(self.pairs[-1:])
        one, other = self.pairs[-1]
        smaller = (pairs[:, 0] < one) | ((pairs[:, 0] == one) & (pairs[:, 1] < other))
        closer = (similarity > self.similarity[-1]) | ((similarity == self.similarity[-1]) & smaller)
        return np.asarray((same < last) | ((same == last) & closer))

    def _of_one_split(self, pairs: Pairs) -> npt.NDArray[np.bool_]:
        return np.asarray(self.split[pairs[:, 0]] == self.split[pairs[:, 1]])
