"""The checks of logged texts: word frequencies against SciPy's test, redacted texts against texts that are not."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from components.example_validator.drift import Sample, label_drift
from components.text.transform_graph import KERAS
from components.watch.baseline import Baseline
from components.watch.checks import CHECKS, SHARES, compare
from components.watch.traffic import Traffic
from components.watch.word_frequency import label_frequency_drift, word_frequency_drift
from schemas.artifacts.statistics import Seen


def documents(**words: int) -> dict[bytes, Seen]:
    return {word.encode(): Seen(number, number) for word, number in words.items()}


@pytest.mark.parametrize(
    ("base", "other", "moved"),
    [
        ({"oil": 100, "the": 900}, {"oil": 40, "the": 180}, "oil"),
        ({"oil": 100, "the": 900, "rare": 3}, {"oil": 22, "the": 181}, ""),
        ({"oil": 300, "the": 900}, {"the": 180}, "oil"),
        ({"the": 900}, {"new": 30, "the": 180}, "new"),
    ],
)
def test_the_frequency_of_words_is_fishers_exact_test(base: dict[str, int], other: dict[str, int], moved: str) -> None:
    """1,000 texts and 200. `rare` cannot change by 5 % of the texts, so it is not one of the tests."""
    check = word_frequency_drift(documents(**base), documents(**other), (1000, 200), 0.01)
    assert check
    chances = []
    words = ({*base} | {*other}) - {"rare"}
    for word in words:
        a, b = base.get(word, 0), other.get(word, 0)
        table = [[a, b], [1000 - a, 200 - b]]
        sides = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
        if abs(a / 1000 - b / 200) > 0.05:
            chances.append(min(1.0, 2 * min(sides)) * len(words))
    assert check.value == pytest.approx(min([1.0, *chances]), rel=1e-9)
    assert check.alarm == bool(moved)
    assert check.threshold == 0.01
    assert check.detail.startswith(f"texts with a word: {moved} " if moved else "no word is")


@pytest.mark.parametrize(
    ("texts", "words"), [((0, 10), {"a": 1}), ((10, 0), {"a": 1}), ((10, 10), {}), ((1000, 1000), {"a": 3})]
)
def test_no_words_have_no_result(texts: tuple[int, int], words: dict[str, int]) -> None:
    assert word_frequency_drift(documents(**words), documents(**words), texts, 0.01) is None


def test_a_frequent_label_of_many_is_found() -> None:
    """29 labels. One has 36 % of 2,200 texts, then 48 % of 516. A test of all labels at once finds nothing."""
    base = {"earn": 800, **{f"l{n}": 50 for n in range(28)}}
    served = {"earn": 250, **{f"l{n}": 9 + n % 2 for n in range(28)}}
    rate = 0.01 / 2
    sides = [Sample(labels=side, lengths={}, words={}) for side in (base, served)]
    mixture, single = label_drift(sides[0], sides[1], rate), label_frequency_drift(base, served, rate)
    assert mixture
    assert single
    assert (mixture.alarm, single.alarm) == (False, True)
    table = [[800, 1400], [250, 266]]
    chances = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    shares = [(base[label] + served[label]) / 2716 for label in base]  # the part of each label in the rate is f (1 - f)
    part = shares[0] * (1 - shares[0]) / sum(f * (1 - f) for f in shares if f * 2716 > 0.05 * 516)
    assert single.value == pytest.approx(2 * min(chances) / part, rel=1e-9)
    assert single.detail.startswith("texts with a label: earn 36.4% → 48.4%")


def test_the_only_label_has_no_drift() -> None:
    check = label_frequency_drift({"oil": 1000}, {"oil": 200}, 0.01)
    assert check
    assert (check.value, check.alarm) == (1.0, False)


TOPICS = {"oil": "crude barrels tanker gulf", "corn": "grain tonnes harvest crop"}


def texts(
    number: int, seed: int, oil: float = 0.5, words: float = 20, new: float = 0.0
) -> list[tuple[str, str, float]]:
    """Texts with a label and a confidence. `oil`: the share of the first topic; `new`: of texts with unknown words."""
    random = np.random.RandomState(seed)
    made = []
    for _ in range(number):
        label = "oil" if random.random_sample() < oil else "corn"
        common = [f"word{n}" for n in random.zipf(1.6, random.poisson(words)) if n < 50]
        extra = random.choice(TOPICS[label].split(), 2).tolist()
        unseen = [f"new{n}" for n in range(8)] if random.random_sample() < new else []
        made.append((" ".join([*common, *extra, *unseen]), label, float(random.beta(8, 2))))
    return made


def traffic(given: list[tuple[str, str, float]], redacted: frozenset[str] | None = None) -> Traffic:
    """`redacted`: the vocabulary, if the texts were not stored."""
    found = Traffic(texts=len(given), labels=Counter(label for _, label, _ in given))
    found.confidence = Counter(round(1000 * p) for _, _, p in given)
    if redacted is None:
        found.waiting = [text.encode() for text, _, _ in given]
        found.count()
        return found
    for text, _, _ in given:
        found.lengths[len(text.split())] += 1
        found.unknown += sum(word not in redacted for word in text.split())
    found.redacted_lengths = found.lengths
    return found


def baseline(given: list[tuple[str, str, float]]) -> Baseline:
    counted = traffic(given)
    return Baseline("run", counted.lengths, counted.words, 0, KERAS, counted.labels, counted.confidence)


BASE = texts(2000, 1)


@pytest.mark.parametrize(
    ("changed", "drift"),
    [
        ({}, set()),
        ({"oil": 0.7}, {"word_frequency", "predicted_labels", "label_frequency"}),
        ({"words": 30}, {"length_drift"}),
        ({"new": 0.2}, {"out_of_vocabulary", "vocabulary_drift", "word_frequency"}),
    ],
)
def test_each_shift_is_found_by_its_checks(changed: dict[str, float], drift: set[str]) -> None:
    base, served = baseline(BASE), texts(500, 2, **changed)
    results = compare(base, traffic(served), 0.01)
    assert [result.name for result in results] == list(CHECKS)
    found = {result.name for result in results if result.check.alarm}
    assert drift <= found
    assert found - {"length_drift", "word_frequency"} == drift - {"length_drift", "word_frequency"}
    assert all((result.distance > 1) == result.check.alarm for result in results)

    redacted = compare(base, traffic(served, frozenset(word.decode() for word in base.words)), 0.01)
    assert [result.name for result in redacted] == [name for name in CHECKS if not name.startswith(("voc", "word"))]
    complete = {result.name: result.check for result in results}
    for result in redacted:
        check = complete[result.name]
        assert (result.check.value, result.check.threshold) == pytest.approx((check.value, check.threshold), rel=1e-12)


def test_the_shares_of_the_checks_are_the_rate_of_a_window() -> None:
    assert [*SHARES] == [*CHECKS]
    assert sum(SHARES.values()) == pytest.approx(1)


def test_confidence_is_a_kolmogorov_smirnov_test() -> None:
    base, served = texts(400, 1), [(text, label, p**2) for text, label, p in texts(300, 2)]
    [result] = [one for one in compare(baseline(base), traffic(served), 0.1) if one.name == "confidence"]
    ours, theirs = ([round(1000 * p) for _, _, p in side] for side in (base, served))
    expected = stats.ks_2samp(ours, theirs, method="asymp")
    assert result.check.value == pytest.approx(expected.statistic)
    assert result.check.alarm
    assert result.check.detail == f"mean confidence {np.mean(ours) / 1000:.1%} → {np.mean(theirs) / 1000:.1%}"
    assert result.check.threshold == pytest.approx(stats.kstwobign.isf(0.01) * (700 / 120_000) ** 0.5)
