"""The pairs of classes that the model confuses most, with texts of each, and the worst predictions."""

from typing import Any

from components.report.facts import Facts
from schemas.contracts.shown_examples import ShownExamples

WORST = 10
"""The number of examples with the highest loss that are shown."""


def confused_classes(facts: Facts) -> dict[str, Any]:
    """The pairs and the examples, most examples and highest loss first."""
    found = facts.read(ShownExamples, "ModelEvaluation")
    return {"confused": found.confused, "worst": found.worst[:WORST]}
