"""The earlier models that a model was compared with, by name: the baseline and the best model so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from components.report.elements import Cell, Table, number, text
from components.report.facts import Facts
from components.shared.pushes import pushes
from pipeline.core.records import executions_making
from schemas.artifacts.model import PushedModel
from schemas.contracts.blessing import Baseline, Blessing

LOOKED_AT = 200
"""The number of last pushes among which the version of a model is searched."""


@dataclass(frozen=True)
class EarlierModel:
    """A model of an earlier run."""

    run_id: str
    """The run that trained it."""
    version: str
    """`version 3 of reuters`; empty if it was not pushed."""


def earlier_model(facts: Facts, role: str) -> EarlierModel | None:
    """The `baseline` or the `best` model that the run was compared with; None if there was none."""
    for step in facts.steps:
        if step.execution and (model_id := step.execution.inputs.get(role)):
            producer = facts.store.producer(model_id)
            known = islice(pushes(executions_making(facts.store, PushedModel.TYPE_NAME)), LOOKED_AT)
            found = (f"version {p.version} of {p.served_as}" for p in known if p.execution.inputs["model"] == model_id)
            return EarlierModel(producer.run_id if producer else "", next(found, ""))
    return None


def compared_with(facts: Facts, blessing: Blessing) -> Table:
    """A row for each earlier model. It has no rows if there were none."""
    return Table(
        "Compared with",
        ("Model", "Name", "Test examples", "Accuracy", "This model", "95% interval of difference", "Detectable loss"),
        tuple(_rows(facts, blessing)),
        sortable=False,
    )


def _rows(facts: Facts, blessing: Blessing) -> Iterator[tuple[Cell, ...]]:
    for role, words, baseline in (
        ("baseline", "Baseline: the model in use", blessing.baseline),
        ("best", "Best model so far in use", blessing.best),
    ):
        found = earlier_model(facts, role)
        if baseline and found:
            name = text(found.version or f"run {found.run_id}", note=f"run {found.run_id}" if found.version else "")
            yield text(words), name, number(baseline.examples), *_accuracies(baseline)


def _accuracies(baseline: Baseline) -> tuple[Cell, ...]:
    accuracy = baseline.differences.get("accuracy")
    if accuracy is None:
        return number(None), number(None), text("not compared: other labels"), number(None)
    low, high = (format(end, "+.4f").replace("-", "−") for end in accuracy.interval)
    mark = "" if not accuracy.significant else "good" if accuracy.difference > 0 else "bad"
    return (
        number(accuracy.against, ".4f"), number(accuracy.value, ".4f", mark=mark), text(f"{low} … {high}"),
        number(accuracy.margin, ".4f"),
    )  # fmt: skip
