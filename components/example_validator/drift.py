"""Drift checks of labels and lengths: decide whether two samples of documents differ by more than chance.

A check raises an alarm if its value exceeds its threshold. The threshold is the larger of two limits. Below the
tolerance, a difference does not matter. Below the noise floor, it may be chance. The floor depends on the sizes of the
samples: two random halves of the same documents exceed it with a probability of at most `rate`. Imports SciPy.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from schemas.artifacts.statistics import Lengths, Words

LABEL_TOLERANCE = 0.001
"""In nats. A label whose share changes from 40 % to 36 % or 44 % is about at this limit."""

LENGTH_TOLERANCE = 0.05
"""The share of all texts whose length would have to change."""

MIN_EXPECTED = 5
"""Labels with a smaller expected count in one of the samples are combined: χ² is not valid for them (Cochran)."""

SHOWN = 5
"""The largest number of labels or words in a message."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The documents of a split, as counted in its statistics."""

    labels: Mapping[str, int]
    lengths: Lengths
    words: Words

    @property
    def texts(self) -> int:
        """The number of texts."""
        return sum(self.lengths.values())


@dataclass(frozen=True)
class Check:
    """The result of a comparison of two samples."""

    value: float
    threshold: float
    alarm: bool
    formula: str
    detail: str
    """The largest differences, for messages."""


def label_drift(base: Sample, other: Sample, rate: float) -> Check | None:
    """Computes the Jensen-Shannon divergence of the labels, samples weighted by size; None without two labels.

    Multiplied by 2 N it is the G statistic of homogeneity, whose null distribution is χ²: Lin (1991), Grosse et al.
    (2002), "Analysis of symbolic sequences using the Jensen-Shannon divergence".
    """
    table = _pooled(base.labels, other.labels)
    n, m = (sum(column) for column in zip(*table.values(), strict=True)) if table else (0, 0)
    if len(table) < 2 or not n or not m:
        return None
    total = n + m
    value = sum(
        a / total * _log(a * total, n * (a + b)) + b / total * _log(b * total, m * (a + b)) for a, b in table.values()
    )
    floor = float(stats.chi2.isf(rate, len(table) - 1)) / (2 * total) * _williams(table, n, m)
    threshold = max(LABEL_TOLERANCE, floor)
    moved = sorted(table, key=lambda name: -abs(table[name][0] / n - table[name][1] / m))[:SHOWN]
    detail = ", ".join(f"{name} {table[name][0] / n:.1%} → {table[name][1] / m:.1%}" for name in moved)
    formula = "Jensen-Shannon divergence (nats) > max(tolerance, q χ²(1 - rate, cells - 1) / (2 (n + m)))"
    return Check(value, threshold, value > threshold, formula, detail)


def _williams(table: Mapping[str, tuple[int, int]], n: int, m: int) -> float:
    """Returns Williams's correction (1976), the factor by which G exceeds χ² because counts are integers."""
    total, cells = n + m, sum(1 / (a + b) for a, b in table.values())
    return 1 + (total / n + total / m - 1) * (total * cells - 1) / (6 * total * (len(table) - 1))


def _pooled(base: Mapping[str, int], other: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Returns the counts of both samples by label. Labels with too small an expected count become one cell."""
    every = {name: (base.get(name, 0), other.get(name, 0)) for name in {**base, **other}}
    n, m = sum(base.values()), sum(other.values())
    share = min(n, m) / (n + m) if n + m else 0.0
    rare = {name: pair for name, pair in every.items() if sum(pair) * share < MIN_EXPECTED}
    table = {name: pair for name, pair in every.items() if name not in rare}
    together = sum(a for a, _ in rare.values()), sum(b for _, b in rare.values())
    if sum(together) * share >= MIN_EXPECTED:
        table["(rare ones)"] = together
    return table


def _log(a: float, b: float) -> float:
    return math.log(a / b) if a else 0.0


def length_drift(base: Sample, other: Sample, rate: float) -> Check | None:
    """Computes the two-sample Kolmogorov-Smirnov distance of the numbers of words; None without texts.

    Because of ties, its limiting distribution is only a bound: false alarms are rarer than `rate`, never more frequent.
    """
    n, m = base.texts, other.texts
    if not n or not m:
        return None
    below, value, where = [0, 0], 0.0, 0
    for length in sorted({*base.lengths, *other.lengths}):
        below[0] += base.lengths.get(length, 0)
        below[1] += other.lengths.get(length, 0)
        if (distance := abs(below[0] / n - below[1] / m)) > value:
            value, where = distance, length
    threshold = max(LENGTH_TOLERANCE, float(stats.kstwobign.isf(rate)) * math.sqrt((n + m) / (n * m)))
    parts = (sum(k for length, k in s.lengths.items() if length <= where) / s.texts for s in (base, other))
    detail = f"texts of {where} words or fewer " + " → ".join(f"{part:.1%}" for part in parts)
    formula = "Kolmogorov-Smirnov distance of words per text > max(tolerance, K(1 - rate) √((n + m) / (n m)))"
    return Check(value, threshold, value > threshold, formula, detail)
