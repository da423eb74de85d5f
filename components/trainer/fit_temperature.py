"""Fits the temperature of a classifier: the exact minimum of the mean cross-entropy. Imports SciPy."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from components.shared.calibration import SMALLEST, Floats

LIMITS = (0.05, 20.0)
"""The lowest and the highest temperature. Without limits, a split without an error would have the temperature 0."""


def fit_temperature(p: Floats, labels: NDArray[np.int32]) -> float:
    """Returns the temperature with the lowest mean cross-entropy, within LIMITS.

    `p`: float64 [n, classes], without temperature. The cross-entropy is convex in 1 / T, so its slope has at most one
    zero. A bracketing search finds it to the precision of float64.
    """
    logits = np.log(np.maximum(p, SMALLEST))
    own = logits[np.arange(len(labels)), labels].mean()

    def slope(log_temperature: float) -> float:
        """The derivative of the mean cross-entropy by 1 / T: the mean logit that is expected, minus the true one."""
        weights = np.exp((logits - logits.max(axis=1, keepdims=True)) * np.exp(-log_temperature))
        expected = (weights * logits).sum(axis=1) / weights.sum(axis=1)
        return float(expected.mean() - own)

    low, high = np.log(LIMITS)
    if slope(low) <= 0:  # even the highest 1 / T is too low
        return LIMITS[0]
    if slope(high) >= 0:
        return LIMITS[1]
    return float(np.exp(brentq(slope, low, high, xtol=1e-12)))
