"""Compares McNemar's test and Newcombe's interval with sums and integrals written out."""

from math import comb, erfc, sqrt

import numpy as np
import pytest

from components.evaluator.paired import accuracy_interval, mcnemar


def outcomes(gained: int, lost: int, same: int = 10) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    new = [True] * gained + [False] * lost + [True] * same
    old = [False] * gained + [True] * lost + [True] * same
    return np.array(new), np.array(old)


def exact(gained: int, lost: int) -> float:
    n = gained + lost
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(gained, lost) + 1)) / 2**n)


def chi_squared(gained: int, lost: int) -> float:
    return erfc(sqrt((abs(gained - lost) - 1) ** 2 / (gained + lost) / 2))


@pytest.mark.parametrize(
    ("gained", "lost", "p", "test"),
    [
        (0, 0, 1.0, "exact binomial"),
        (3, 3, 1.0, "exact binomial"),
        (0, 5, 0.0625, "exact binomial"),
        (0, 6, 0.03125, "exact binomial"),
        (17, 7, exact(17, 7), "exact binomial"),
        (12, 13, 1.0, "chi-squared with continuity correction"),
        (18, 7, chi_squared(18, 7), "chi-squared with continuity correction"),
        (121, 59, chi_squared(121, 59), "chi-squared with continuity correction"),
    ],
)
def test_mcnemar(gained: int, lost: int, p: float, test: str) -> None:
    found = mcnemar(*outcomes(gained, lost))
    assert (found.gained, found.lost, found.test) == (gained, lost, f"McNemar, {test}")
    assert found.p_value == pytest.approx(p, rel=1e-9)
    assert found.significant == (p < 0.05)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((6, 0, 3, 1), -0.5934, 0.0697),
        ((0, 0, 0, 10), -0.2775, 0.2775),
        ((10, 0, 0, 0), -0.2775, 0.2775),
        ((700, 62, 55, 183), -0.0142, 0.0282),
    ],
)
def test_newcombes_interval_by_hand(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    both, gained, lost, neither = counts
    new = np.array([True] * (both + gained) + [False] * (lost + neither))
    old = np.array([True] * both + [False] * gained + [True] * lost + [False] * neither)
    assert accuracy_interval(new, old, 0.95) == pytest.approx((low, high), abs=2e-4)
    assert accuracy_interval(old, new, 0.95) == pytest.approx((-high, -low), abs=2e-4)


@pytest.mark.parametrize("n", [20, 200])
def test_newcombes_interval_contains_the_true_value_as_often_as_promised(n: int) -> None:
    random = np.random.RandomState(3)
    held = 0
    for _ in range(300):
        outcome = random.choice(4, size=n, p=[0.6, 0.15, 0.1, 0.15])  # both, only new, only old, neither
        low, high = accuracy_interval(outcome <= 1, (outcome == 0) | (outcome == 2), 0.95)
        held += low <= 0.05 <= high
    assert 0.92 <= held / 300 <= 0.995
