"""Whether the model may be pushed: the checks of Evaluator and InfraValidator, and the changes since the baseline."""

from typing import Any

from components.report.elements import Cell, Table, number, text
from components.report.facts import AbsentError, Facts
from components.report.sections.earlier_models import compared_with
from schemas.contracts.blessing import Blessing, Check, Regression
from schemas.contracts.infra import Infra

FLIPPED = 6
"""The number of flipped predictions that are shown."""


def blessing(facts: Facts) -> dict[str, Any]:
    """Checks, regressions and flipped predictions."""
    found = facts.read(Blessing, "ModelBlessing")
    checks = Table("Evaluation checks", ("Check", "Passed", "Found"), tuple(map(_check, found.checks)), sortable=False)
    regressions = Table(
        "Classes with a lower F1 than the baseline",
        ("Class", "F1", "Baseline F1", "Lost", "Gained", "Examples", "Change"),
        tuple(map(_regression, found.per_class_regressions)),
    )
    return {
        "blessing": found,
        "checks": checks,
        "compared": compared_with(facts, found),
        "regressions": regressions,
        "flipped": FLIPPED,
        **_served(facts),
    }


def _served(facts: Facts) -> dict[str, Any]:
    """The checks of the served model, or why there are none."""
    try:
        infra = facts.read(Infra, "InfraBlessing")
    except AbsentError as absent:
        return {"infra": None, "no_infra": str(absent)}
    rows = tuple((text(check.name), _passed(check.ok), text(check.found)) for check in infra.checks)
    table = Table("Serving checks", ("Check", "Passed", "Found"), rows, sortable=False)
    passed = sum(check.ok is True for check in infra.checks)
    return {"infra": table, "no_infra": "", "served": infra, "passed": passed}


def _passed(ok: bool | None) -> Cell:
    return text("not checked") if ok is None else text("yes", mark="good") if ok else text("no", mark="bad")


def _check(check: Check) -> tuple[Cell, ...]:
    return text(check.demand), _passed(check.passed), text(check.words)


def _regression(fallen: Regression) -> tuple[Cell, ...]:
    counts = (number(count) for count in (fallen.lost, fallen.gained, fallen.support))
    change = text(fallen.change, mark="bad" if fallen.change in ("significant", "all lost") else "")
    return text(fallen.name), number(fallen.f1, ".3f"), number(fallen.f1_before, ".3f"), *counts, change
