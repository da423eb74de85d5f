"""What a model's confidence means on the test split: without its temperature, and of the texts that it answers."""

from typing import Any

import numpy as np
from msgspec import UNSET

from components.metrics.measure import reliability
from components.metrics.scored import Scored
from components.shared.abstention_words import unreached
from components.shared.calibration import expected_calibration_error, with_temperature
from components.shared.precision import at_most, interval
from schemas.contracts.blessing import Check
from schemas.contracts.confidence import Abstention, Answers, Confidence, CoveragePoint, Uncalibrated

POINTS = 50
"""Points of the curve of coverage and precision, at equal steps of the coverage."""


def of_confidence(scored: Scored, confidence: Confidence) -> dict[str, Any]:
    """Returns the fields of Details that follow from the Confidence of the model, by name."""
    found: dict[str, Any] = {}
    if confidence.calibration is not UNSET:
        found["uncalibrated"] = uncalibrated(scored, confidence.calibration.temperature)
    if confidence.abstention is not UNSET:
        found |= {"answers": answers(scored, confidence.abstention), "coverage": coverage_curve(scored)}
    return found


def uncalibrated(scored: Scored, temperature: float) -> Uncalibrated:
    """Returns the metrics of the probabilities before the temperature, which can be undone: p^T, normalized."""
    before = Scored(scored.labels, with_temperature(scored.p, 1 / temperature))
    return Uncalibrated(
        temperature=temperature,
        loss=float(before.losses.mean()),
        ece=expected_calibration_error(before.confidence, before.correct),
        calibration=reliability(before),
    )


def answers(scored: Scored, abstention: Abstention) -> Answers:
    """Returns the texts that are answered, as the served model decides."""
    limit = np.inf if abstention.answers_from is None else abstention.answers_from
    answered = scored.confidence >= limit
    n, total, right = int(answered.sum()), len(answered), int(scored.correct[answered].sum())
    return Answers(
        target=abstention.target,
        answers_from=abstention.answers_from,
        answered=n,
        coverage=n / total,
        coverage_interval=interval(n, total),
        precision=right / n if n else None,
        precision_interval=interval(right, n) if n else None,
    )


def coverage_curve(scored: Scored) -> tuple[CoveragePoint, ...]:
    """Returns coverage and precision if the most confident texts are answered, by rising coverage."""
    confidence = np.sort(scored.confidence)[::-1]
    ranks = np.unique(np.ceil(np.arange(1, POINTS + 1) / POINTS * len(confidence)).astype(int)) - 1
    limits = np.unique(confidence[ranks])[::-1]
    return tuple(_point(scored, limit) for limit in limits)


def _point(scored: Scored, answers_from: float) -> CoveragePoint:
    answered = scored.confidence >= answers_from
    return CoveragePoint(
        answers_from=float(answers_from),
        coverage=float(answered.mean()),
        precision=float(scored.correct[answered].mean()),
    )


def answer_checks(scored: Scored, confidence: Confidence) -> tuple[Check, ...]:
    """Returns the condition for a blessing: some text is answered, and not significantly less precisely than asked."""
    if confidence.abstention is UNSET:
        return ()
    found = answers(scored, confidence.abstention)
    demand = f"precision of the answers>={found.target:g}"
    if found.answers_from is None:
        return (Check(demand=demand, passed=False, words=unreached(confidence.abstention), value=0.0),)
    if found.precision is None:
        words = f"the model answers none of the {len(scored.labels):,} test texts"
        return (Check(demand=demand, passed=False, words=words, value=0.0),)
    highest = at_most(round(found.precision * found.answered), found.answered)
    passed = highest >= found.target
    words = (
        f"precision {found.precision:.3f} of the {100 * found.coverage:.1f} % that are answered, "
        f"{'not significantly ' if passed and found.precision < found.target else '' if not passed else 'not '}"
        f"below the {found.target:g} that is demanded"
    )
    return (Check(demand=demand, passed=passed, words=words, value=found.precision, limit=found.target),)
