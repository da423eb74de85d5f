"""The confidence from which a model answers: the guarantee in simulations, and the choice in small cases."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from components.shared.abstention_words import in_words
from components.shared.precision import at_least, at_most, interval
from components.trainer.abstention import choose, passing, thresholds

Truth = list[tuple[float, float]]
"""Confidences, each with the true precision of the examples that have it. They are equally frequent."""

CALIBRATED: Truth = [(c, c) for c in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)]
OVERCONFIDENT: Truth = [(0.5, 0.3), (0.8, 0.6), (0.9, 0.75), (0.99, 0.85), (0.9999, 0.95)]
BORDERLINE: Truth = [(c, 0.8999) for c in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)]
"""Every threshold is just below the target, so every one that passes is an error."""
WRONG_AT_THE_TOP: Truth = [(0.999, 0.6), (0.99, 0.7), (0.9, 0.9), (0.8, 0.99), (0.7, 0.99), (0.6, 0.95), (0.5, 0.8)]


def simulated(truth: Truth, n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    random = np.random.RandomState(seed)
    rows = random.randint(0, len(truth), n)
    confidence, precision = np.array(truth).T
    return confidence[rows], random.uniform(size=n) < precision[rows]


def true_precision(truth: Truth, threshold: float) -> float:
    return float(np.mean([precision for confidence, precision in truth if confidence >= threshold]))


@pytest.mark.parametrize("truth", [CALIBRATED, OVERCONFIDENT, BORDERLINE, WRONG_AT_THE_TOP])
def test_the_true_precision_is_below_the_target_in_at_most_5_percent(truth: Truth) -> None:
    """Of 1,000 sets. All thresholds that pass count, not only the lowest."""
    wrong = 0
    for seed in range(1_000):
        passed = passing(*simulated(truth, 400, seed), classes=4, target=0.9)
        wrong += any(true_precision(truth, threshold) < 0.9 for threshold in passed)
    assert wrong <= 50


@pytest.mark.parametrize(("truth", "n", "coverage"), [(CALIBRATED, 2_000, 0.3), (OVERCONFIDENT, 2_000, 0.0)])
def test_it_answers_when_it_can(truth: Truth, n: int, coverage: float) -> None:
    """The guarantee alone would be met by never answering."""
    shares = []
    for seed in range(50):
        confidence, correct = simulated(truth, n, seed)
        found = choose(confidence, correct, 4, 0.9, "validation")
        shares.append(found.answered / found.examples)
    assert np.mean(shares) > coverage


@pytest.mark.parametrize("classes", [2, 3, 46])
def test_the_thresholds_are_in_order_and_exact_in_float32(classes: int) -> None:
    found = thresholds(classes)
    assert found == sorted(set(found), reverse=True)
    assert found == np.array(found, np.float32).astype(float).tolist()
    assert found[-1] == 0
    assert all(1 / classes < threshold < 1 for threshold in found[:-1])


@pytest.mark.parametrize(
    ("correct", "confidence", "target", "answers_from", "answered"),
    [
        ([True] * 2000, 0.7, 0.95, 0.0, 2000),  # all right: every text is answered
        ([True] * 1000 + [False] * 1000, 0.7, 0.95, None, 0),
        ([True] * 20, 0.9, 0.95, None, 0),  # too few to tell
        ([True], 0.9, 0.5, None, 0),
    ],
)
def test_the_choice(
    correct: list[bool], confidence: float, target: float, answers_from: float | None, answered: int
) -> None:
    found = choose(np.full(len(correct), confidence), np.array(correct), 2, target, "validation")
    assert (found.answers_from, found.answered) == (answers_from, answered)
    assert (found.precision, found.at_least) == (None, None) or found.at_least >= target  # type: ignore[operator]


def test_a_confident_part_is_answered() -> None:
    confidence = np.repeat([0.99, 0.6], 500)
    correct = np.concatenate([np.ones(500, bool), np.arange(500) % 2 == 0])
    found = choose(confidence, correct, 2, 0.95, "validation")
    assert found.answers_from is not None
    assert 0.6 < found.answers_from < 0.63
    assert (found.answered, found.precision) == (500, 1.0)
    assert in_words(found).startswith("answers from confidence 0.6")
    assert in_words(found).endswith(" (target 0.95)")


def test_a_target_that_is_not_reached_is_explained() -> None:
    confidence, correct = simulated(OVERCONFIDENT, 400, 0)
    found = choose(confidence, correct, 4, 0.99, "validation")
    assert [part.share for part in found.most_confident] == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    last = found.most_confident[-1]
    assert (last.answered, last.precision) == (400, correct.mean())
    words = in_words(found)
    assert words.startswith(
        "the model never answers: no confidence is shown to give answers of precision 0.99 on validation (400 examples)"
    )
    assert f"100 % reach {correct.mean():.3f} (at least {last.at_least:.3f})" in words
    assert words.endswith("a larger --validation_fraction, more examples, or a better model")


@pytest.mark.parametrize(("right", "n"), [(0, 5), (1, 5), (5, 5), (96, 100), (0, 1)])
def test_the_limits_are_those_of_scipy(right: int, n: int) -> None:
    assert interval(right, n) == pytest.approx(binomtest(right, n).proportion_ci(0.95, method="exact"), abs=1e-12)
    one_sided = binomtest(right, n, alternative="greater").proportion_ci(0.95, method="exact")
    assert at_least(right, n) == pytest.approx(one_sided.low, abs=1e-12)
    one_sided = binomtest(right, n, alternative="less").proportion_ci(0.95, method="exact")
    assert at_most(right, n) == pytest.approx(one_sided.high, abs=1e-12)
