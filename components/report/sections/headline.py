"""The run in one sentence, and its metrics compared with the baseline or the previous run."""

from typing import Any, TypeVar

from components.report.facts import AbsentError, Facts, Step
from components.report.sections.earlier_models import earlier_model
from components.report.sections.metrics import Against, metrics_table
from pipeline.core.errors import DataError
from schemas.contracts.blessing import Blessing
from schemas.contracts.encode import Contract
from schemas.contracts.evaluation import Details
from schemas.contracts.push import Pushed

C = TypeVar("C", bound=Contract)


def headline(facts: Facts) -> dict[str, Any]:
    """The variables of the headline. `damages`: why files could not be read."""
    damages = [*facts.damages]
    metrics = facts.metrics
    blessing = _read(facts, Blessing, "ModelBlessing", damages)
    details = _read(facts, Details, "ModelEvaluation", damages)
    pushed = _read(facts, Pushed, "PushedModel", damages)
    against = _against(facts, blessing)
    return {
        "run_id": facts.run.run_id, "dataset": facts.settings.get("dataset", "?"),
        "data": facts.properties("Examples"), "model": facts.properties("Model"), "metrics": metrics,
        "reference": facts.reference,
        "against": against, "gain": _gain(metrics.get("accuracy"), against), "blessing": blessing,
        "reason": _reason(blessing), "pushed": pushed, "error": facts.result.error if facts.result else None,
        "ran": [s.name for s in facts.steps if s.status == "EXECUTED"], "unchanged": _unchanged(facts.steps),
        "unseen": details.unseen if details else None,
        "ended": bool(facts.run.result), "damages": damages,
        "table": metrics_table(metrics, details.intervals if details else None, against, facts.reference)
        if metrics else None,
    }  # fmt: skip


def _read(facts: Facts, form: type[C], type_name: str, damages: list[str]) -> C | None:
    """A file, or None. If it cannot be read, the reason is added to `damages`."""
    try:
        return facts.read(form, type_name)
    except AbsentError:
        return None
    except DataError as damage:
        damages.append(str(damage))
        return None


def _reason(blessing: Blessing | None) -> str:
    """Why the model is blessed or not, and its warnings, without the word itself: the sentence has it already."""
    if blessing is None:
        return ""
    words = [blessing.reason.rpartition(f", {'blessed' if blessing.blessed else 'not blessed'}")[0]]
    return "; ".join([*words, *blessing.warnings])


def _against(facts: Facts, blessing: Blessing | None) -> Against | None:
    """The baseline that the model was compared with; else the previous run, if there is one."""
    if blessing and blessing.baseline and blessing.baseline.differences:
        differences = blessing.baseline.differences
        before = {name: d.against for name, d in differences.items()}
        found = earlier_model(facts, "baseline")
        run_id, version = (found.run_id, found.version) if found else ("", "")
        return Against("the baseline", run_id, before, differences, version)
    previous = facts.previous()
    if previous is None:
        return None
    run, metrics = previous
    return Against("the previous run", run.run_id, metrics.by_name())


def _gain(accuracy: float | None, against: Against | None) -> float | None:
    """This run's accuracy minus the other's, in percentage points, on the examples that both were measured on."""
    before = against.metrics.get("accuracy") if against else None
    if against and against.differences and "accuracy" in against.differences:
        accuracy = against.differences["accuracy"].value
    return None if accuracy is None or before is None else 100 * (accuracy - before)


def _unchanged(steps: tuple[Step, ...]) -> str:
    """The run that the newest output came from, if all are cached."""
    if not steps or any(step.status != "CACHED" for step in steps):
        return ""
    return max(step.reason.rpartition(" ")[2] for step in steps)
