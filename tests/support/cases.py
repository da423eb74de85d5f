"""Artificial predictions for tests."""

import numpy as np
from numpy.typing import NDArray

from components.metrics.scored import Scored


def softmax_case(seed: int, classes: int = 46, n: int = 500) -> Scored:
    """Returns random probabilities, with examples of every class."""
    random = np.random.RandomState(seed)
    logits = random.normal(size=(n, classes))
    labels = np.concatenate([np.arange(classes), random.randint(0, classes, n - classes)]).astype(np.int32)
    logits[np.arange(n), labels] += 2
    return Scored(labels, _float32(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)))


def binary_case(digits: int, n: int = 1000) -> Scored:
    """Returns probabilities that are rounded to `digits`. Fewer digits give more ties."""
    random = np.random.RandomState(digits)
    labels = random.randint(0, 2, n).astype(np.int32)
    one = np.clip(random.uniform(size=n) * 0.7 + labels * 0.3, 0.001, 0.999).round(digits)
    return Scored(labels, _float32(np.stack([1 - one, one], axis=1)))


def right_and_wrong(labels: list[int], predicted: list[int], classes: int, sure: float = 0.8) -> Scored:
    """Returns examples that are predicted as `predicted`, each with probability `sure`."""
    p = np.full((len(labels), classes), (1 - sure) / (classes - 1))
    p[np.arange(len(labels)), predicted] = sure
    return Scored(np.array(labels, np.int32), p)


def _float32(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return p.astype(np.float32).astype(np.float64)
