"""Whether the model may be used: what was demanded of it, and how it stands to the one that was blessed before."""

from components.report.contracts import Blessing, Check, Regression
from components.report.elements import Cell, Section, Table, number, text
from components.report.facts import Facts
from components.report.forms import read_form

FLIPPED = 6
"""So many flipped predictions are shown."""


def verdict(facts: Facts) -> Section:
    """The section."""
    found = read_form(Blessing, facts.path("ModelBlessing") / "blessing.json")
    checks = Table("What was demanded", ("Demand", "Met", "Found"), tuple(map(_check, found.checks)), sortable=False)
    regressions = Table(
        "Classes whose F1 has fallen", ("Class", "F1", "Before", "Lost", "Gained", "Examples", "More than noise"),
        tuple(map(_regression, found.per_class_regressions)),
    )  # fmt: skip
    shown = {"blessing": found, "checks": checks, "regressions": regressions, "flipped": FLIPPED}
    return Section("verdict", "Whether it may be used", shown=shown)


def _check(check: Check) -> tuple[Cell, ...]:
    met = text("yes", mark="good") if check.passed else text("no", mark="bad")
    return text(check.demand), met, text(check.words)


def _regression(fallen: Regression) -> tuple[Cell, ...]:
    counts = (number(count) for count in (fallen.lost, fallen.gained, fallen.support))
    noise = text("yes", mark="bad") if fallen.significant else text("no")
    return text(fallen.name), number(fallen.f1, ".3f"), number(fallen.f1_before, ".3f"), *counts, noise
