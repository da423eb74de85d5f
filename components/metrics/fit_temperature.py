"""Fits the temperature of a classifier: the exact minimum of the mean cross-entropy. Imports SciPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from components.shared.calibration import Floats

LIMITS = (0.05, 20.0)
"""The lowest and the highest temperature of a network. Without limits, data without an error would have 0."""


def fit_temperature(logits: Floats, labels: NDArray[np.integer[Any]], limits: tuple[float, float] = LIMITS) -> float:
    """Returns the temperature with the lowest mean cross-entropy, within `limits`: Guo et al. 2017 (arXiv:1706.04599).

    `logits`: float64 [n, classes]; `labels`: [n]. The cross-entropy is convex in 1 / T, so its slope has at most one
    zero. A bracketing search finds it to the precision of float64.
    """
    own = logits[np.arange(len(labels)), labels].mean()

    def slope(log_temperature: float) -> float:
        """The derivative of the mean cross-entropy by 1 / T: the mean logit that is expected, minus the true one."""
        weights = np.exp((logits - logits.max(axis=1, keepdims=True)) * np.exp(-log_temperature))
        expected = (weights * logits).sum(axis=1) / weights.sum(axis=1)
        return float(expected.mean() - own)

    low, high = np.log(limits)
    if slope(low) <= 0:  # even the highest 1 / T is too low
        return limits[0]
    if slope(high) >= 0:
        return limits[1]
    return float(np.exp(brentq(slope, low, high, xtol=1e-12)))
