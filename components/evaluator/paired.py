"""McNemar's test: whether of two classifiers on the same examples one is right more often. Imports SciPy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIGNIFICANCE = 0.05
"""The p-value below which a difference is no noise."""

EXACT_BELOW = 25
"""With fewer discordant examples than that the binomial distribution itself is used."""

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class McNemar:
    """Its result."""

    gained: int
    """Examples that only the new one got right."""
    lost: int
    """Examples that only the old one got right."""
    p_value: float
    test: str

    @property
    def significant(self) -> bool:
        """Whether it is no noise."""
        return self.p_value < SIGNIFICANCE


def mcnemar(new: Correct, old: Correct) -> McNemar:
    """Two-sided test on the discordant examples; `new`, `old`: bool [n], which examples each got right.

    Fewer than EXACT_BELOW: exact, by the binomial distribution with p = 1/2. Else χ² = (|gained - lost| - 1)² / (gained
    + lost) with one degree of freedom (McNemar 1947, with Edwards's continuity correction of 1948). None: p = 1.
    """
    from scipy import stats

    gained, lost = int((new & ~old).sum()), int((old & ~new).sum())
    discordant = gained + lost
    if discordant < EXACT_BELOW:
        p = float(stats.binomtest(gained, discordant, 0.5).pvalue) if discordant else 1.0
        return McNemar(gained, lost, p, "McNemar, exact binomial")
    statistic = max(abs(gained - lost) - 1, 0) ** 2 / discordant
    return McNemar(gained, lost, float(stats.chi2.sf(statistic, 1)), "McNemar, chi-squared with continuity correction")
