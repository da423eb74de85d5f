"""The blessing for artificial pairs of predictions: better, worse, not significant, and too few examples."""

from pathlib import Path

import numpy as np
import pytest

from components.evaluator.blessing import Decision, decide
from components.evaluator.bootstrap import bootstrap
from components.evaluator.compare import Comparison, against_guessing
from components.evaluator.difference import Churn, Difference
from components.evaluator.earlier import Judge
from components.evaluator.reference import Reference
from components.evaluator.regressions import regressions
from components.evaluator.thresholds import BASELINE, BEST, Threshold, parse_thresholds
from components.metrics.measure import measure_split, per_class
from components.metrics.scored import Scored
from components.shared.labels import Labels
from schemas.artifacts.model import Model
from schemas.contracts.encode import given
from tests.support.cases import right_and_wrong

NAMES = ["a", "b", "c", "d"]


def predicted(right: list[bool], labels: list[int]) -> Scored:
    """Returns predictions of four classes that are correct where `right` is true."""
    found = [label if ok else (label + 1) % 4 for ok, label in zip(right, labels, strict=True)]
    return right_and_wrong(labels, found, classes=4)


def pair(both: int, gained: int, lost: int, neither: int) -> tuple[Scored, Scored]:
    """Returns a new and an old model, from the number of examples that both, only one or neither got right."""
    n = both + gained + lost + neither
    labels = [int(label) for label in np.random.RandomState(0).randint(0, 4, n)]
    new = [True] * (both + gained) + [False] * (lost + neither)
    old = [True] * both + [False] * gained + [True] * lost + [False] * neither
    return predicted(new, labels), predicted(old, labels)


def judge(name: str, new: Scored, old: Scored, ours: Labels, theirs: Labels) -> Judge:
    shared = ours.known & theirs.known
    comparison = Comparison.of(new, old, ours, theirs, 200, 1) if shared else None
    return Judge(name, Model(Path("old"), digest="old"), ours, theirs, comparison, None)


def decide_of(new: Scored, judges: list[Judge], thresholds: str = "") -> Decision:
    def guessing() -> tuple[Difference, str]:
        difference, label = against_guessing(new)
        return difference, NAMES[label]

    def value(threshold: Threshold) -> float:
        if threshold.label is None:
            return measure_split(new).by_name()[threshold.metric]
        return float(getattr(per_class(new, NAMES[: new.classes])[NAMES.index(threshold.label)], threshold.metric))

    warnings = [warning for judge in judges for warning in judge.warnings(len(new.labels))]
    return decide(value, parse_thresholds(thresholds), [judge.as_earlier() for judge in judges], guessing, warnings)


def against_linear(new: Scored, linear: Scored, thresholds: str = "") -> tuple[Decision, list[str]]:
    """The decision without an earlier model, and the warnings about the linear model."""
    [samples] = bootstrap([new], 200, 1)
    reference = Reference.of(new, linear, NAMES, samples, 200, 1)

    def value(threshold: Threshold) -> float:
        return measure_split(new).by_name()[threshold.metric]

    def guessing() -> tuple[Difference, str]:
        return against_guessing(new)[0], "a"

    return decide(
        value, parse_thresholds(thresholds), [], guessing, reference.warnings(), reference.as_earlier()
    ), reference.warnings()


@pytest.mark.parametrize(
    ("counts", "thresholds", "blessed", "words"),
    [
        ((600, 10, 200, 190), "", True, ""),
        ((600, 10, 200, 190), "accuracy>=reference", False, "of a linear model, difference -0.190"),
        ((600, 10, 200, 190), "accuracy>=reference-0.3", True, "not worse by more than the 0.300 allowed"),
        ((600, 10, 200, 190), "macro_f1>=reference", False, "of a linear model"),
        ((600, 100, 105, 195), "accuracy>=reference", True, "of a linear model, difference -0.005"),
        ((600, 200, 10, 190), "accuracy>=reference+0.1", True, "better by the 0.100 demanded"),
        ((600, 10, 200, 190), "f1[a]>=reference", False, "f1[a]"),
    ],
)
def test_thresholds_may_name_the_linear_model(
    counts: tuple[int, int, int, int], thresholds: str, blessed: bool, words: str
) -> None:
    new, linear = pair(*counts)
    decision, _ = against_linear(new, linear, thresholds)
    assert decision.blessed is blessed
    assert words in decision.reason
    assert decision.verdict == "first"


@pytest.mark.parametrize(
    ("counts", "warning"),
    [
        (
            (600, 10, 200, 190),
            "worse than a linear model on the same texts (accuracy 0.610 against 0.800); try --preset=strong",
        ),
        ((600, 100, 105, 195), ""),
        ((600, 200, 10, 190), ""),
    ],
)
def test_a_model_that_is_significantly_worse_than_the_linear_one_is_warned_of(
    counts: tuple[int, int, int, int], warning: str
) -> None:
    _, warnings = against_linear(*pair(*counts))
    assert warnings == ([warning] if warning else [])


def decided(new: Scored, old: Scored | None, thresholds: str = "", best: Scored | None = None) -> Decision:
    labels = Labels(tuple(NAMES))
    given = ((BASELINE, old), (BEST, best))
    return decide_of(new, [judge(name, new, model, labels, labels) for name, model in given if model], thresholds)


BETTER, WORSE, NOISE, TINY = (600, 90, 30, 280), (600, 30, 90, 280), (700, 62, 55, 183), (6, 0, 3, 1)


@pytest.mark.parametrize(
    ("counts", "thresholds", "blessed", "reason"),
    [
        (BETTER, "", True, "accuracy 0.690 against 0.630, difference +0.060, 95 % +0.039..+0.081: better, blessed"),
        (WORSE, "", False, "accuracy 0.630 against 0.690, difference -0.060, 95 % -0.081..-0.039: worse, not blessed"),
        (NOISE, "", True, "accuracy 0.762 against 0.755, difference +0.007, 95 % -0.014..+0.028: not worse, blessed"),
        (TINY, "accuracy>=0.5", True, "accuracy 0.600, at least the 0.500 that is demanded; accuracy 0.600 against "
         "0.900, difference -0.300, 95 % -0.593..+0.070: not worse, blessed"),
        (WORSE, "accuracy>=baseline-0.1", True, ": not worse by more than the 0.100 allowed, blessed"),
        (WORSE, "accuracy>=baseline-0.01", False, "..-0.039: worse by more than the 0.010 allowed, not blessed"),
        (BETTER, "accuracy>=baseline+0.01", True, ": better by the 0.010 demanded, blessed"),
        (BETTER, "accuracy>=baseline+0.05", False, ": not shown to be better by the 0.050 demanded, not blessed"),
        (NOISE, "accuracy>=baseline+0.001", False, ": not shown to be better by the 0.001 demanded, not blessed"),
        (BETTER, "loss<=baseline", True, "loss 0.993 against 1.143, difference -0.149, 95 %"),
        (WORSE, "loss<=baseline,accuracy>=baseline-0.1", False, "loss 1.143 against 0.993, difference +0.149, 95 %"),
        (BETTER, "accuracy>=0.9", False, "accuracy 0.690, below the 0.900 that is demanded, not blessed"),
        (BETTER, "loss<=0.5,accuracy>=0.1", False, "loss 0.993, above the 0.500 that is demanded, not blessed"),
    ],
)  # fmt: skip
def test_decisions(counts: tuple[int, int, int, int], thresholds: str, blessed: bool, reason: str) -> None:
    decision = decided(*pair(*counts), thresholds)
    assert reason in decision.reason
    assert decision.blessed == blessed


def test_the_reason_of_a_comparison_names_only_the_comparison() -> None:
    reason = "accuracy 0.762 against 0.755, difference +0.007, 95 % -0.014..+0.028: not worse, blessed"
    assert decided(*pair(*NOISE)).reason == reason


def test_the_best_model_so_far_is_a_floor() -> None:
    """Each step of a chain is too small to be significant; together they are not."""
    right = [[row < n for row in range(1000)] for n in (940, 934, 925)]
    labels = [int(label) for label in np.random.RandomState(0).randint(0, 4, 1000)]
    first, second, third = (predicted(row, labels) for row in right)
    assert decided(second, first, "accuracy>=baseline-0.01").blessed
    step = decided(third, second, "accuracy>=baseline-0.02", best=first)
    assert (step.blessed, step.verdict, step.best_so_far) == (True, "worse", False)
    fall = decided(third, second, best=first)
    assert not fall.blessed
    assert "accuracy 0.925 against 0.940 of the best so far, difference -0.015, 95 % " in fall.reason
    assert [check.demand for check in fall.checks] == [
        "better than always guessing one class", "accuracy>=baseline", "accuracy>=best",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "best", "verdict", "best_so_far"),
    [
        (BETTER, None, "better", True),
        (NOISE, None, "not worse", False),
        (WORSE, None, "worse", False),
        (BETTER, NOISE, "better", False),  # better than the model in use, and not better than the best
        (None, None, "first", True),
    ],
)
def test_verdicts(
    counts: tuple[int, ...] | None, best: tuple[int, ...] | None, verdict: str, best_so_far: bool
) -> None:
    new, old = pair(*(counts or NOISE))
    floor = Scored(new.labels, np.roll(new.p, 0)) if best else None
    decision = decided(new, old if counts else None, best=floor)
    assert (decision.verdict, decision.best_so_far) == (verdict, best_so_far)


ABC, AB, AC, XY = Labels(("a", "b", "c")), Labels(("a", "b")), Labels(("a", "c")), Labels(("x", "y"))
A_AND_B_OF_ABC = Labels(("a", "b", "c"), untrained=frozenset("c"))


def of_labels(labels: Labels, columns: int, right: int, truth: list[str]) -> Scored:
    """Predictions that are right on the first `right` of 100 examples of each label that the model was trained on."""
    names = labels.names
    guesses = [
        (names.index(label) + (row % 100 >= right or label not in labels.known)) % len(names) if label in names else 0
        for row, label in enumerate(truth)
    ]
    return right_and_wrong([NAMES.index(label) for label in truth], guesses, classes=columns)


@pytest.mark.parametrize(
    ("ours", "theirs", "thresholds", "blessed", "words"),
    [
        # a span adds c: compared on a and b, where the new model is worse
        (ABC, AB, "accuracy>=baseline", False, "accuracy 0.400 against 0.950, difference -0.550"),
        (ABC, AB, "", False, "accuracy 0.400 against 0.950, difference -0.550"),
        (ABC, AB, "f1[c]>=baseline", False, "f1[c]>=baseline cannot be tested: the baseline has no such metric"),
        (ABC, AB, "recall[a]>=baseline-0.05", False, "recall[a] 0.400 against 0.950"),
        # the old model has a class c that it never saw
        (ABC, A_AND_B_OF_ABC, "", False, "accuracy 0.400 against 0.950, difference -0.550"),
        # c vanishes
        (AB, ABC, "accuracy>=baseline", False, "accuracy 0.400 against 0.950"),
        # nothing in common
        (AB, XY, "accuracy>=0.1,accuracy>=baseline", False, "accuracy>=baseline cannot be tested: the baseline has "
         "other classes (2: x, y; these are 2: a, b), not blessed"),
        (AB, XY, "accuracy>=0.1", True, "the baseline has other classes (2: x, y; these are 2: a, b), blessed"),
    ],
)  # fmt: skip
def test_other_labels(ours: Labels, theirs: Labels, thresholds: str, blessed: bool, words: str) -> None:
    truth = [name for name in ours.names for _ in range(100)]
    new = of_labels(ours, len(ours.names), 40, truth)
    old = of_labels(theirs, len(ours.with_(theirs)), 95, truth)
    decision = decide_of(new, [judge(BASELINE, new, old, ours, theirs)], thresholds)
    assert words in decision.reason
    assert decision.blessed == blessed, decision.reason


def test_the_reason_names_the_test_where_test_and_interval_disagree() -> None:
    result = decided(*pair(600, 60, 84, 256)).reason
    assert "difference -0.024, 95 % -0.048..-0.000, McNemar's p 0.055: not worse, blessed" in result


@pytest.mark.parametrize(
    ("right", "n", "blessed", "reason"),
    [
        (300, 1000, True, "accuracy 0.300 against 0.250 of always guessing 'a', difference +0.050, 95 % "),
        (262, 1000, False, "accuracy 0.262 against 0.250 of always guessing 'a', difference +0.012, 95 % "),
        (100, 1000, False, ": not shown to be better; no earlier model to compare with, not blessed"),
        (4, 5, False, "accuracy 0.800 against 0.400 of always guessing 'a', difference +0.400, 95 % "),
    ],
    ids=["better than guessing", "noise", "worse than guessing", "too few to tell"],
)
def test_without_thresholds_and_baseline(right: int, n: int, blessed: bool, reason: str) -> None:
    labels = [number % 4 for number in range(n)]
    order = np.random.RandomState(0).permutation(n)
    decision = decided(predicted([bool(order[i] < right) for i in range(n)], labels), None)
    assert reason in decision.reason
    assert decision.blessed == blessed
    assert decision.reason.endswith("; no earlier model to compare with, " + ("blessed" if blessed else "not blessed"))


def test_relative_thresholds_alone_still_require_more_than_guessing() -> None:
    labels = [0, 1, 2, 3] * 25
    assert not decided(predicted([False] * 100, labels), None, "accuracy>=baseline").blessed


def test_an_equally_good_model_is_refused_as_rarely_as_promised() -> None:
    """For two models of equal accuracy, at most 2.5 % are significantly worse, because the test is two-sided."""
    random = np.random.RandomState(7)
    labels = [int(label) for label in random.randint(0, 4, 400)]
    refused = sum(
        not decided(predicted(list(random.uniform(size=400) < 0.7), labels),
                    predicted(list(random.uniform(size=400) < 0.7), labels), "accuracy>=0").blessed
        for _ in range(40)
    )  # fmt: skip
    assert refused <= 4


def test_regressions_and_churn() -> None:
    new = right_and_wrong([0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 1, 1], classes=4)
    old = right_and_wrong([0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 3, 0], classes=4)
    fallen = regressions(new, old, NAMES)
    assert [(row.name, row.gained, row.lost, row.p_value, row.change) for row in fallen] == [
        ("a", 0, 2, 0.5, "too few to tell"),
        ("b", 1, 0, 1.0, "too few to tell"),  # predicted more often, also for other classes
    ]
    assert fallen[0].f1 == 0.5
    assert fallen[0].f1_before == pytest.approx(6 / 7)
    churn = Churn.of(new, old)
    assert given(churn.as_contract([])) == {
        "flipped": 4, "rate": 4 / 6, "lost": 2, "gained": 1, "wrong_in_another_way": 1, "examples": ()}  # fmt: skip
    assert churn.listed() == [1, 2, 4]


@pytest.mark.parametrize(
    ("examples", "right_before", "right", "change"),
    [
        (11, 7, 0, "all lost"),  # cpi of Reuters: p 0.0156, never called noise
        (40, 30, 5, "significant"),
        (40, 30, 27, "not significant"),
        (40, 5, 4, "too few to tell"),  # to lose all five has p 0.0625
        (40, 6, 5, "not significant"),  # to lose all six would be significant
        (3, 1, 0, "all lost"),
    ],
)
def test_a_class_that_became_worse(examples: int, right_before: int, right: int, change: str) -> None:
    """Class a becomes worse; the three others stay as they are."""
    labels = [0] * examples + [1, 2, 3] * 100
    others = [True] * 300
    new = predicted([row < right for row in range(examples)] + others, labels)
    old = predicted([row < right_before for row in range(examples)] + others, labels)
    fallen = {row.name: row for row in regressions(new, old, NAMES)}
    assert fallen["a"].change == change
    assert fallen["a"].q_value >= fallen["a"].p_value


def test_classes_are_tested_together() -> None:
    """Of 40 classes of pure noise, hardly any is called worse, although p is below 0.05 for some."""
    random = np.random.RandomState(5)
    labels = np.repeat(np.arange(40), 30)
    found = [random.uniform(size=len(labels)) < 0.7 for _ in range(2)]
    wrong = [np.where(right, labels, (labels + 1) % 40) for right in found]
    new, old = (right_and_wrong(labels.tolist(), guessed.tolist(), classes=40) for guessed in wrong)
    fallen = regressions(new, old, [str(n) for n in range(40)])
    assert min(row.p_value for row in fallen) < 0.06
    assert [row.name for row in fallen if row.change == "significant"] == []
