"""Whether the model may be used: what was demanded of it, and how it stands to the one that was blessed before."""

from components.report.contracts import Blessing, Check, Infra, Regression
from components.report.elements import Cell, Section, Table, number, text
from components.report.facts import Facts
from components.report.forms import AbsentError, read_form

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
    shown = {"blessing": found, "checks": checks, "regressions": regressions, "flipped": FLIPPED, **_served(facts)}
    return Section("verdict", "Whether it may be used", shown=shown)


def _served(facts: Facts) -> dict[str, object]:
    """Whether it is served as it was evaluated, or why nobody tried."""
    try:
        infra = read_form(Infra, facts.path("InfraBlessing") / "infra.json")
    except AbsentError as absent:
        return {"infra": None, "no_infra": str(absent)}
    rows = tuple((text(check.name), _met(check.ok), text(check.found)) for check in infra.checks)
    table = Table("Loaded as a server loads it", ("Check", "Met", "Found"), rows, sortable=False)
    met = sum(check.ok is True for check in infra.checks)
    return {"infra": table, "no_infra": "", "served": infra, "met": met}


def _met(ok: bool | None) -> Cell:
    return text("not tried") if ok is None else text("yes", mark="good") if ok else text("no", mark="bad")


def _check(check: Check) -> tuple[Cell, ...]:
    return text(check.demand), _met(check.passed), text(check.words)


def _regression(fallen: Regression) -> tuple[Cell, ...]:
    counts = (number(count) for count in (fallen.lost, fallen.gained, fallen.support))
    noise = text("yes", mark="bad") if fallen.significant else text("no")
    return text(fallen.name), number(fallen.f1, ".3f"), number(fallen.f1_before, ".3f"), *counts, noise
