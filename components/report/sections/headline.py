"""The run in one sentence, and its metrics beside those that they are held against."""

import json
from typing import TypeVar

from components.report.contracts import Blessing, Details, Pushed
from components.report.elements import Section
from components.report.facts import Facts, Step
from components.report.forms import AbsentError, read_form
from components.report.sections.metrics import Against, metrics_table
from pipeline.core.errors import DataError

J = TypeVar("J")


def headline(facts: Facts) -> Section:
    """The section; it never is absent."""
    damages: list[str] = []
    metrics = {k: v for k, v in (facts.result.get("metrics") or {}).items() if isinstance(v, int | float)}
    blessing = _read(facts, Blessing, "ModelBlessing", "blessing.json", damages)
    details = _read(facts, Details, "ModelEvaluation", "details.json", damages)
    intervals = details.intervals if details else None
    against = _against(facts, blessing)
    shown = {
        "run_id": facts.run.run_id, "status": facts.run.status, "dataset": facts.settings.get("dataset", "?"),
        "data": facts.properties("Examples"), "model": facts.properties("Model"), "metrics": metrics,
        "against": against, "gain": _gain(metrics.get("accuracy"), against), "blessing": blessing,
        "reason": _reason(blessing), "pushed": _read(facts, Pushed, "PushedModel", "pushed.json", damages),
        "error": facts.result.get("error"), "ran": [s.name for s in facts.steps if s.status == "EXECUTED"],
        "unchanged": _unchanged(facts.steps), "ended": bool(facts.result), "damages": damages,
        "table": metrics_table(metrics, intervals, against) if metrics else None,
    }  # fmt: skip
    return Section("headline", facts.run.run_id, shown=shown)


def _read(facts: Facts, form: type[J], type_name: str, file: str, damages: list[str]) -> J | None:
    """What a file says, or None; one that is there and of another form is added to `damages`."""
    try:
        return read_form(form, facts.path(type_name) / file)
    except AbsentError:
        return None
    except DataError as damage:
        damages.append(str(damage))
        return None


def _reason(blessing: Blessing | None) -> str:
    """Why it is blessed or not, without the word itself, which the sentence has already."""
    told = blessing.reason if blessing else ""
    return told.removesuffix(", blessed").removesuffix(", not blessed").rstrip(".")


def _against(facts: Facts, blessing: Blessing | None) -> Against | None:
    """The baseline that the model was judged by; else the run before, if there is one."""
    if blessing and blessing.differences:
        before = {name: d.against for name, d in blessing.differences.items()}
        return Against("the baseline", _baseline_run(facts), before, blessing.differences)
    previous = facts.previous()
    if previous is None:
        return None
    return Against("the run before", previous.run_id, json.loads(previous.result)["metrics"])


def _baseline_run(facts: Facts) -> str:
    """The run that made the baseline."""
    for step in facts.steps:
        if step.execution and (made := step.execution.inputs.get("baseline")):
            maker = facts.store.producer(made)
            return maker.run_id if maker else ""
    return ""


def _gain(accuracy: float | None, against: Against | None) -> float | None:
    """Accuracy above that of what it is held against, in percentage points."""
    before = against.metrics.get("accuracy") if against else None
    return None if accuracy is None or before is None else 100 * (accuracy - before)


def _unchanged(steps: tuple[Step, ...]) -> str:
    """The run that everything was taken from last, if nothing ran."""
    if not steps or any(step.status != "CACHED" for step in steps):
        return ""
    return max(step.reason.rpartition(" ")[2] for step in steps)
