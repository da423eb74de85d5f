"""Exact limits of a precision that is estimated from some answers (Clopper and Pearson 1934). Imports SciPy."""

from scipy.stats import beta

LEVEL = 0.95
"""The confidence level of every limit, if not corrected for several tests."""


def at_least(correct: int, answers: int, error: float = 1 - LEVEL) -> float:
    """Returns the lower end of the one-sided interval: the true precision is below it with probability ≤ `error`."""
    return float(beta.ppf(error, correct, answers - correct + 1)) if correct else 0.0


def at_most(correct: int, answers: int, error: float = 1 - LEVEL) -> float:
    """Returns the upper end of the one-sided interval: the true precision is above it with probability ≤ `error`."""
    return float(beta.ppf(1 - error, correct + 1, answers - correct)) if correct < answers else 1.0


def interval(correct: int, answers: int) -> tuple[float, float]:
    """Returns both ends of the two-sided interval: each is passed with probability ≤ (1 - LEVEL) / 2."""
    error = (1 - LEVEL) / 2
    return at_least(correct, answers, error), at_most(correct, answers, error)
