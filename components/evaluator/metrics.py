"""The metrics of a classifier, in float64 and exact: the same whatever the batches that the probabilities came in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import DataError

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 - EPSILON] before their logarithm, as by Keras (`keras.config.epsilon`)."""


def measure(labels: NDArray[np.int32], probabilities: NDArray[np.float32]) -> dict[str, float | int]:
    """Labels int [n] and probabilities float [n, classes], or for two classes [n], of label 1 → metrics by name.

    `loss`: mean cross-entropy in nats, ≥ 0; `accuracy`, and `top_5_accuracy` or for two classes `auc`: 0..1;
    `examples`: n. Raises DataError if a probability is no number, or if all labels are equal and so have no AUC.
    """
    if not np.isfinite(probabilities).all():
        row = int(np.argwhere(~np.isfinite(probabilities))[0][0])
        raise DataError(f"the model gives no probability for example {row} of the split, in id order; train it anew")
    p = probabilities.astype(np.float64)
    measured = _binary(labels, p) if p.ndim == 1 else _multiclass(labels, p)
    return {**{name: float(value) for name, value in measured.items()}, "examples": len(labels)}


def _binary(labels: NDArray[np.int32], p: NDArray[np.float64]) -> dict[str, np.floating[Any]]:
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    loss = -np.where(labels == 1, np.log(clipped), np.log(1 - clipped))
    return {"loss": loss.mean(), "accuracy": ((p > 0.5) == labels).mean(), "auc": area_under_roc(labels, p)}


def _multiclass(labels: NDArray[np.int32], p: NDArray[np.float64]) -> dict[str, np.floating[Any]]:
    own = p[np.arange(len(labels)), labels]
    better = (p > own[:, None]).sum(axis=1)
    return {
        "loss": -np.log(np.clip(own, EPSILON, 1 - EPSILON)).mean(),
        "accuracy": (p.argmax(axis=1) == labels).mean(),
        "top_5_accuracy": (better < 5).mean(),
    }


def area_under_roc(labels: NDArray[np.int32], scores: NDArray[np.floating[Any]]) -> np.floating[Any]:
    """The probability that a random example of label 1 scores above one of label 0, ties counting half.

    Exact, by the Mann-Whitney statistic (Hanley and McNeil 1982), where Keras's AUC is a sum over 200 thresholds.
    """
    positive = labels == 1
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        raise DataError(f"all {len(labels)} examples have label {labels[0]}, so there is no AUC; both are needed")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # equal scores share their mean rank
    return (ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros)
