"""Chooses the confidence from which a model answers, so that its answers have a wanted precision. Imports SciPy.

The thresholds are a fixed grid. Each is tested with the exact binomial test: is the precision of the answers from it on
at least the target? The fallback procedure (Wiens 2003) corrects for the number of tests. It tests from the most
confident threshold down. Every STEP-th test has an equal share of the allowed error of 5 %. A test that succeeds passes
its error on to the next test; a test that fails loses it. With a probability of at least 95 % no threshold passes whose
true precision is below the target, however the tests depend on each other. That needs no assumption about the model,
but examples that the model did not depend on. See Learn then Test (Angelopoulos et al. 2021, arXiv:2110.01052), whose
fixed sequence with several starts is the same.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from components.shared.calibration import Floats
from components.shared.precision import LEVEL, at_least
from schemas.contracts.confidence import Abstention, MostConfident

LOG_ODDS = np.linspace(10, -3, 131)
"""The thresholds, as log-odds of the confidence: from 0.99995 down to 0.047."""

STEP = 10
"""In simulations with 300 to 2,500 examples, steps of 5 to 20 answered more texts than 1 or 40, or than Bonferroni."""

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""The parts of a split whose precision is reported."""

Bools = NDArray[np.bool_]


def thresholds(classes: int) -> list[float]:
    """Returns the thresholds from the most confident down. The last is 0: every text is answered.

    They are exact in float32, as the served model compares them. A confidence is never below 1 / `classes`.
    """
    found = (1 / (1 + np.exp(-LOG_ODDS))).astype(np.float32).astype(np.float64)
    return [*found[found > 1 / classes].tolist(), 0.0]


def passing(confidence: Floats, correct: Bools, classes: int, target: float) -> dict[float, float]:
    """Returns each threshold that passes its test, with the error that its test allows."""
    tested = thresholds(classes)
    order = np.argsort(-confidence)
    counts = np.searchsorted(-confidence[order], -np.array(tested), side="right")
    right = np.concatenate([[0], correct[order].cumsum()])[counts]
    p_values = binom.sf(right - 1, counts, target)  # of so many right answers, if the precision were the target
    share, allowed, found = (1 - LEVEL) / len(tested[::STEP]), 0.0, {}
    for number, (threshold, p_value) in enumerate(zip(tested, p_values, strict=True)):
        allowed += 0 if number % STEP else share
        if p_value <= allowed:
            found[threshold] = allowed
        else:
            allowed = 0.0
    return found


def choose(confidence: Floats, correct: Bools, classes: int, target: float, split: str) -> Abstention:
    """Returns the lowest confidence that passes. `confidence`: of the predicted class; `correct`: whether it is right.

    Both are [n], n > 0.
    """
    passed = passing(confidence, correct, classes, target)
    lowest = min(passed, default=np.inf)
    answered = confidence >= lowest
    return Abstention(
        target=target,
        split=split,
        examples=len(correct),
        answers_from=lowest if passed else None,
        answered=int(answered.sum()),
        precision=float(correct[answered].mean()) if answered.any() else None,
        at_least=at_least(int(correct[answered].sum()), int(answered.sum()), passed[lowest]) if passed else None,
        most_confident=tuple(_most_confident(confidence, correct, share) for share in SHARES),
    )


def _most_confident(confidence: Floats, correct: Bools, share: float) -> MostConfident:
    last = np.sort(confidence)[-max(1, round(share * len(confidence)))]
    answered = confidence >= last
    n, right = int(answered.sum()), int(correct[answered].sum())
    return MostConfident(share=share, answered=n, precision=right / n, at_least=at_least(right, n))
