"""The classes that are confused most, with texts: what a person would look at to see why."""

from components.report.contracts import ShownExamples
from components.report.elements import Section
from components.report.facts import Facts
from components.report.forms import read_form

WORST = 10
"""So many of the examples with the highest loss are shown."""


def confused(facts: Facts) -> Section:
    """The section."""
    found = read_form(ShownExamples, facts.path("ModelEvaluation") / "examples.json")
    shown = {"confused": found.confused, "worst": found.worst[:WORST]}
    return Section("confused", "What is confused most", shown=shown)
