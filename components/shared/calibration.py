"""How well probabilities match the share of right answers, and the temperature that makes them match. NumPy alone."""

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Number of bins of the calibration, all of equal width."""

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 - EPSILON] before the logarithm, as in Keras (`keras.config.epsilon`)."""

SMALLEST = 2.0**-126
"""The smallest normal float32: the probability that counts for 0 in a logit, as in `components.models.temperature`."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def bins_of(confidence: Floats) -> Ints:
    """Returns the bin of each confidence, 0..BINS - 1: bin i holds those in (i / BINS, (i + 1) / BINS]."""
    return np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)


def expected_calibration_error(confidence: Floats, correct: NDArray[np.bool_]) -> float:
    """Σ over bins of |sum of correct - sum of confidence| / n, 0..1: ECE of Guo et al. 2017 (arXiv:1706.04599), eq. 3.

    The bins have equal width over (0, 1]. `confidence`: the probability of the predicted class; `correct`: whether that
    class is the label; both [n].
    """
    gaps = np.bincount(bins_of(confidence), weights=correct - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def cross_entropies(own: Floats) -> Floats:
    """Returns the cross-entropies in nats, ≥ 0, of examples whose true label has the probabilities `own`: [n]."""
    return -np.log(np.clip(own, EPSILON, 1 - EPSILON))


def logits_of(p: Floats) -> Floats:
    """Returns log p of probabilities [n, classes], finite also for 0."""
    return np.asarray(np.log(np.maximum(p, SMALLEST)))


def with_temperature(p: Floats, temperature: float) -> Floats:
    """Returns softmax(log p / T) of probabilities [n, classes]. The inverse has the temperature 1 / T."""
    logits = logits_of(p) / temperature
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))
