"""Drift checks: compared with SciPy's own tests, on shifts that must raise an alarm and on noise that must not."""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from components.example_validator.drift import Check, Sample, label_drift, length_drift
from components.example_validator.word_drift import unknown_drift, vocabulary_drift
from schemas.artifacts.statistics import Seen

Document = tuple[str, list[bytes]]
"""A label and words."""


def sample(documents: list[Document]) -> Sample:
    counts, within = Counter[bytes](), Counter[bytes]()
    for _, words in documents:
        counts.update(words)
        within.update(set(words))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return Sample(
        labels=Counter(label for label, _ in documents),
        lengths=Counter(len(words) for _, words in documents),
        words={word: Seen(counts[word], within[word]) for word in ranked},
    )


NOVEL = [b"novel%d" % number for number in range(5)]


def documents(number: int, seed: int, topics: float = 0.5, words: int = 30, new: float = 0.0) -> list[Document]:
    """Generates documents on two topics. `topics`: the share of the first; `new`: the share that also has NOVEL."""
    random = np.random.RandomState(seed)
    made = []
    for _ in range(number):
        label = "first" if random.random_sample() < topics else "second"
        chosen = [b"%s%d" % (label.encode(), rank) for rank in random.zipf(1.5, random.poisson(words)) if rank < 10**6]
        made.append((label, chosen + (NOVEL if random.random_sample() < new else [])))
    return made


CHECKS: dict[str, Callable[[Sample, Sample, float], Check | None]] = {
    "labels": label_drift,
    "lengths": length_drift,
    "vocabulary": vocabulary_drift,
    "unknown": lambda base, other, rate: unknown_drift(base, other, rate, 0),
}


@pytest.mark.parametrize(
    ("changed", "alarms"),
    [
        ({}, set()),
        ({"topics": 0.7}, {"labels"}),
        ({"words": 40}, {"lengths"}),
        ({"new": 0.3}, {"vocabulary", "unknown"}),
    ],
)
def test_each_shift_raises_the_alarm_of_its_check(changed: dict[str, float], alarms: set[str]) -> None:
    base, other = sample(documents(2000, 1)), sample(documents(1000, 2, **changed))  # type: ignore[arg-type]
    found = {name for name, check in CHECKS.items() if (made := check(base, other, 0.01)) and made.alarm}
    assert found - {"lengths"} == alarms - {"lengths"}
    assert alarms <= found


def test_label_drift_equals_scipys_test() -> None:
    base, other = Counter(a=500, b=300, c=40, d=1), Counter(a=200, b=180, c=30, e=2)
    check = label_drift(_labels(base), _labels(other), 0.01)
    assert check
    table = np.array([[500, 200], [300, 180], [40, 30]])  # d and e are too rare, even when combined
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert check.value * 2 * table.sum() == pytest.approx(expected.statistic, rel=1e-12)
    # Williams's q of a table of 3 × 2, N = 1,250: 840 and 410, 700, 480 and 70
    q = 1 + (1250 / 840 + 1250 / 410 - 1) * (1250 / 700 + 1250 / 480 + 1250 / 70 - 1) / (6 * 1250 * 2)
    assert stats.chi2.sf(check.threshold * 2 * table.sum() / q, expected.dof) == pytest.approx(0.01)
    assert check.detail == "a 59.5% → 48.8%, b 35.7% → 43.9%, c 4.8% → 7.3%"


@pytest.mark.parametrize(
    ("base", "other", "cells"),
    [
        (Counter(a=50, b=50), Counter(a=50, b=50), 2),
        (Counter(a=500, b=4, c=4, d=4), Counter(a=500, b=4, c=4, d=4), 2),  # the rare labels become one cell
        (Counter(a=500, b=1), Counter(a=500), None),
        (Counter(a=5), Counter(), None),
        (Counter(), Counter(), None),
    ],
)
def test_rare_labels_are_combined_and_empty_samples_have_no_result(
    base: Counter[str], other: Counter[str], cells: int | None
) -> None:
    check = label_drift(_labels(base), _labels(other), 0.01)
    if cells is None:
        assert check is None
        return
    assert check
    floor = stats.chi2.isf(0.01, cells - 1) / (2 * (sum(base.values()) + sum(other.values())))
    assert check.value == pytest.approx(0)
    assert check.threshold == pytest.approx(floor, rel=0.04)  # q is near 1


def test_length_drift_equals_scipys_test() -> None:
    random = np.random.RandomState(3)
    one, two = random.poisson(20, 300), random.poisson(23, 200)
    check = length_drift(_lengths(one), _lengths(two), 0.01)
    assert check
    expected = stats.ks_2samp(one, two, method="asymp")
    assert check.value == pytest.approx(expected.statistic)
    assert check.threshold == pytest.approx(1.6276 * math.sqrt(500 / 60_000), rel=1e-4)
    assert check.alarm == (expected.pvalue < 0.01)


def test_words_that_are_missing_in_one_sample_by_more_than_chance() -> None:
    base = [("x", [b"the", b"old"])] * 50 + [("x", [b"the"])] * 50
    other = [("x", [b"the", b"new"])] * 50 + [("x", [b"the", b"rare"])] * 5 + [("x", [b"the"])] * 45
    check = vocabulary_drift(sample(base), sample(other), 0.01)
    assert check
    # All 5 texts of `rare` are in the same half of 200 random texts with a probability of 1/36, so `rare` is ignored.
    assert check.value == pytest.approx(1 / 3)
    assert (check.threshold, check.alarm) == (0.99, True)
    assert check.detail == "2 of 3 frequent words are in one alone: new, old"


@pytest.mark.parametrize(("most", "expected", "found"), [(0, 0.01, 0.05), (1, 0.5, 0.5)])
def test_words_out_of_vocabulary(most: int, expected: float, found: float) -> None:
    base = [("x", [b"a", b"b"])] * 49 + [("x", [b"a", b"once"])]
    other = [("x", [b"a", b"b"])] * 9 + [("x", [b"a", b"new"])]
    check = unknown_drift(sample(base), sample(other), 0.01, most)
    assert check
    assert check.detail.startswith(f"{expected:.2%} expected, {found:.2%} found: ")
    assert check.value == pytest.approx(found)
    assert not check.alarm
    # The bound of Fisher's test on 50 and 10 independent words; one word more would be an alarm.
    ours = math.ceil(expected * 50)
    chances = [stats.fisher_exact([[ours, 50 - ours], [x, 10 - x]], alternative="less")[1] for x in range(11)]
    most_by_chance = max(x for x, chance in enumerate(chances) if chance >= 0.01)
    assert check.threshold == pytest.approx(max(expected + 0.005, most_by_chance / 10))


def test_the_noise_floor_grows_as_the_sample_shrinks() -> None:
    thresholds = []
    for size in (10_000, 1_000, 100):
        base, other = sample(documents(size, 1)), sample(documents(size, 2))
        checks = [check(base, other, 0.01) for name, check in CHECKS.items() if name != "vocabulary"]
        thresholds.append([check.threshold for check in checks if check])
    assert np.all(np.diff(thresholds, axis=0) >= 0)
    assert np.all(np.array(thresholds[2]) > np.array(thresholds[0]))


@pytest.mark.parametrize("name", CHECKS)
def test_no_result_without_documents(name: str) -> None:
    assert CHECKS[name](sample(documents(10, 1)), sample([]), 0.01) is None


def _labels(labels: Counter[str]) -> Sample:
    return Sample(labels=labels, lengths={}, words={})


def _lengths(lengths: np.ndarray) -> Sample:  # type: ignore[type-arg]
    return Sample(labels={}, lengths=Counter(lengths.tolist()), words={})
