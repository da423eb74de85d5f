"""Compares the accuracy of two classifiers on the same examples, with a test of significance. Light to import."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

SIGNIFICANCE = 0.05
"""A difference is significant if its p-value is below this."""

EXACT_BELOW = 25
"""With fewer discordant examples than this, the test is exact (binomial distribution)."""

Interval = tuple[float, float]

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class McNemar:
    """The result of McNemar's test."""

    gained: int
    """Examples that only the new model predicted correctly."""
    lost: int
    """Examples that only the old model predicted correctly."""
    p_value: float
    test: str

    @property
    def significant(self) -> bool:
        """Whether the difference is significant."""
        return self.p_value < SIGNIFICANCE


def mcnemar(new: Correct, old: Correct) -> McNemar:
    """Two-sided test on the discordant examples, which only one model predicted correctly.

    `new`, `old`: bool [n], which examples each model predicted correctly. With fewer than EXACT_BELOW discordant
    examples the test is exact: binomial distribution with p = 1/2. Otherwise χ² = (|gained - lost| - 1)² / (gained +
    lost) with one degree of freedom (McNemar 1947, with the continuity correction of Edwards 1948). Without discordant
    examples p = 1.
    """
    from scipy import stats

    gained, lost = int((new & ~old).sum()), int((old & ~new).sum())
    discordant = gained + lost
    if discordant < EXACT_BELOW:
        p = float(stats.binomtest(gained, discordant, 0.5).pvalue) if discordant else 1.0
        return McNemar(gained, lost, p, "McNemar, exact binomial")
    statistic = max(abs(gained - lost) - 1, 0) ** 2 / discordant
    return McNemar(gained, lost, float(stats.chi2.sf(statistic, 1)), "McNemar, chi-squared with continuity correction")


def accuracy_interval(new: Correct, old: Correct, level: float) -> Interval:
    """Returns the confidence interval of the accuracy of `new` minus the accuracy of `old`.

    `new`, `old`: bool [n], which of the same examples each model predicted correctly. This is Newcombe's score interval
    for paired proportions (Statistics in Medicine 17, 1998, 2635-2650, method 10). It keeps its level with few examples
    too, where the interval of the bootstrap is too narrow.
    """
    n, new_right, old_right = len(new), int(new.sum()), int(old.sum())
    (new_low, new_high), (old_low, old_high) = (_wilson(right, n, level) for right in (new_right, old_right))
    p_new, p_old, phi = new_right / n, old_right / n, _correlation(new, old)

    def distance(a: float, b: float) -> float:
        return sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0))

    difference = p_new - p_old
    low = difference - distance(p_new - new_low, old_high - p_old)
    return low, difference + distance(new_high - p_new, p_old - old_low)


def _wilson(right: int, n: int, level: float) -> Interval:
    from scipy import stats

    found = stats.binomtest(right, n).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)


def _correlation(new: Correct, old: Correct) -> float:
    """Returns phi; if positive, its numerator is reduced by n / 2 (Newcombe). 0 if an input is constant."""
    both, neither = int((new & old).sum()), int((~new & ~old).sum())
    gained, lost = int((new & ~old).sum()), int((old & ~new).sum())
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    product = both * neither - gained * lost
    corrected = max(product - len(new) / 2, 0) if product > 0 else product
    return corrected / sqrt(margins) if margins else 0.0
