"""What a confidence means on the test split, compared with plain NumPy; and the condition for a blessing."""

import numpy as np
import pytest
from msgspec import UNSET

from components.evaluator.answers import answer_checks, answers, coverage_curve, of_confidence, uncalibrated
from components.metrics.scored import Scored
from components.shared.calibration import with_temperature
from schemas.contracts.confidence import Abstention, Confidence, MostConfident
from tests.support.cases import binary_case, right_and_wrong, softmax_case


def abstention(answers_from: float | None, target: float = 0.9) -> Abstention:
    return Abstention(
        target=target, split="validation", examples=10, answers_from=answers_from, answered=0, precision=None,
        at_least=None, most_confident=(MostConfident(share=1.0, answered=10, precision=0.8, at_least=0.5),),
    )  # fmt: skip


def checked(scored: Scored, given: Abstention) -> list[tuple[bool, str]]:
    return [(check.passed, check.words) for check in answer_checks(scored, Confidence(abstention=given))]


@pytest.mark.parametrize("case", [softmax_case(1), binary_case(3)])
def test_the_temperature_is_undone(case: Scored) -> None:
    served = Scored(case.labels, with_temperature(case.p, 2.0).astype(np.float32).astype(float))
    found = uncalibrated(served, 2.0)
    p = case.p / case.p.sum(axis=1, keepdims=True)
    own = p[np.arange(len(p)), case.labels]
    assert found.loss == pytest.approx(-np.log(own).mean(), rel=1e-5)
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == case.labels
    bins = np.minimum((confidence * 15).astype(int), 14)
    ece = sum(abs((correct[bins == b] - confidence[bins == b]).sum()) for b in range(15)) / len(p)
    assert found.ece == pytest.approx(ece, abs=1e-5)
    assert sum(b.examples for b in found.calibration) == len(p)


@pytest.mark.parametrize("case", [softmax_case(1), binary_case(1)])
@pytest.mark.parametrize("limit", [0.0, 0.3, 0.6, None])
def test_the_answers_are_counted(case: Scored, limit: float | None) -> None:
    found = answers(case, abstention(limit))
    mask = case.p.max(axis=1) >= (2 if limit is None else limit)
    right = (case.p.argmax(axis=1) == case.labels)[mask]
    assert (found.answered, found.coverage) == (mask.sum(), mask.mean())
    assert found.precision == (right.mean() if mask.any() else None)
    assert found.coverage_interval[0] <= found.coverage <= found.coverage_interval[1]


@pytest.mark.parametrize("case", [softmax_case(1), binary_case(1), right_and_wrong([0, 1], [0, 0], 2)])
def test_the_curve_is_that_of_every_threshold(case: Scored) -> None:
    curve = coverage_curve(case)
    assert [point.coverage for point in curve] == sorted({point.coverage for point in curve})
    assert curve[-1].coverage == 1
    for point in curve:
        mask = case.confidence >= point.answers_from
        assert (point.coverage, point.precision) == (mask.mean(), case.correct[mask].mean())


@pytest.mark.parametrize(
    ("right", "given", "passed", "words"),
    [
        (95, abstention(0.5), True,
         "precision 0.950 of the 100.0 % that are answered, not below the 0.9 that is demanded"),
        (88, abstention(0.5), True,
         "precision 0.880 of the 100.0 % that are answered, not significantly below the 0.9"),
        (80, abstention(0.5), False,
         "precision 0.800 of the 100.0 % that are answered, below the 0.9 that is demanded"),
        (95, abstention(0.9), False, "the model answers none of the 100 test texts"),
        (95, abstention(None), False, "no confidence is shown to give answers of precision 0.9 on validation (10 "
         "examples): the most confident 100 % reach 0.800 (at least 0.500); lower --target_precision"),
    ],
)  # fmt: skip
def test_a_blessing_needs_precise_answers(right: int, given: Abstention, passed: bool, words: str) -> None:
    [(found, said)] = checked(right_and_wrong([0] * 100, [0] * right + [1] * (100 - right), 2), given)
    assert found == passed
    assert said.startswith(words)


def test_nothing_is_added_unless_asked() -> None:
    case = softmax_case(1)
    assert of_confidence(case, Confidence()) == {}
    assert answer_checks(case, Confidence()) == ()
    assert Confidence().abstention is UNSET
