"""The model and metrics in the JSON of a run, read back from the artifacts, and the lines that show them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from components.example_validator.anomaly import ADVICE, WARNING
from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.data import ExampleAnomalies
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation, PushedModel
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.anomalies import Anomaly
from schemas.contracts.encode import given, read
from schemas.contracts.evaluation import Details, Metrics
from schemas.contracts.runs import RunCalibration, RunEpoch, RunModel, RunSummary
from schemas.contracts.training import History, TrainingTime

SHOWN = 3
"""The number of metrics in a line per run."""


def describe_run(root: Path, outcomes: Sequence[Outcome]) -> Summary:
    """The keys of a RunSummary. Floats are exact. `root`: the pipeline root, which artifact URIs are relative to."""
    found: dict[str, Any] = {}
    for outcome in outcomes:
        for record in outcome.outputs.values():
            path = root / record.uri
            if record.type_name == ExampleAnomalies.TYPE_NAME:
                if advice := _advice(path):
                    found["warnings"] = advice
            elif record.type_name == ModelEvaluation.TYPE_NAME:
                found["metrics"] = read(Metrics, path / Metrics.FILE)
                found |= _of_details(read(Details, path / Details.FILE))
            elif record.type_name == ReferenceEvaluation.TYPE_NAME:
                found["reference"] = read(Metrics, path / Metrics.FILE)
            elif record.type_name == ModelBlessing.TYPE_NAME:
                found |= {"blessed": record.properties["blessed"] == 1, "blessing_reason": record.properties["reason"]}
            elif record.type_name == Model.TYPE_NAME:
                properties: dict[str, Any] = {
                    name: record.properties[name] for name in ("parameters", "weights_sha256", "best_epoch")
                }
                found |= {"epochs": _epochs(path), "model": RunModel(uri=str(path), **properties)}
            elif record.type_name == PushedModel.TYPE_NAME:
                found |= _pushed(root, record)
    summary: Summary = to_builtins(RunSummary(**found))
    return summary


def _of_details(details: Details) -> dict[str, Any]:
    found: dict[str, Any] = {"unseen": details.unseen, "answers": details.answers}
    if before := details.uncalibrated:
        found["calibration"] = RunCalibration(
            temperature=before.temperature, loss_before=before.loss, ece_before=before.ece
        )
    return found


def _advice(anomalies: Path) -> tuple[str, ...]:
    """The warnings about the data that say what helps."""
    found = read(tuple[Anomaly, ...], anomalies / ExampleAnomalies.LIST)
    return tuple(f"{a.split} {a.feature}: {a.message}" for a in found if a.kind in ADVICE and a.severity == WARNING)


def _epochs(model: Path) -> tuple[RunEpoch, ...]:
    timing = read(TrainingTime, model / TrainingTime.FILE)
    seconds = {epoch.epoch: epoch.seconds for epoch in timing.epochs}
    history = read(History, model / History.FILE)
    return tuple(RunEpoch(**given(epoch), seconds=seconds.get(epoch.epoch)) for epoch in history.epochs)


def result_lines(summary: Summary) -> list[str]:
    """The lines about data, metrics, model, blessing and push that a run prints at its end, as far as the run came."""
    warnings: Any = summary.get("warnings") or ()
    lines = [f"warning: {warning}" for warning in warnings]
    metrics, model = summary.get("metrics"), summary.get("model")
    if isinstance(metrics, dict):
        shown = ", ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v:,}" for k, v in metrics.items())
        lines.append(f"test:  {shown}{_without_repeated(summary)}{_reference(summary)}")
    lines += _confidence_lines(summary)
    if isinstance(model, dict):
        lines.append(f"model: {model['uri']} (epoch {model['best_epoch']})")
    if reason := summary.get("blessing_reason"):
        lines.append(f"blessing: {reason}")
    if reason := summary.get("push_reason"):
        lines.append(f"pushed: {reason}")
    return lines


def _confidence_lines(summary: Summary) -> list[str]:
    """What the confidence of the model means: the effect of a temperature, and the texts that are answered."""
    lines, calibration, answers = [], summary.get("calibration"), summary.get("answers")
    metrics: Any = summary.get("metrics")
    if isinstance(calibration, dict) and metrics:
        lines.append(
            f"calibration: temperature {calibration['temperature']:.4f}, "
            f"ece {calibration['ece_before']:.4f} → {metrics['ece']:.4f}, "
            f"loss {calibration['loss_before']:.4f} → {metrics['loss']:.4f}"
        )
    if isinstance(answers, dict):
        reached = "no text" if answers["precision"] is None else f"{100 * answers['coverage']:.1f} % of the test texts"
        precision = "" if answers["precision"] is None else f" at precision {answers['precision']:.3f}"
        lines.append(f"answers: {reached}{precision} (target {answers['target']:g})")
    return lines


def _without_repeated(summary: Summary) -> str:
    """The accuracy on the test texts that are in no other split; empty if that is all of them."""
    unseen: Any = summary.get("unseen")
    if not unseen or not unseen["repeated"]:
        return ""
    rest = f"accuracy {unseen['metrics']['accuracy']:.4f}" if unseen["metrics"] else "nothing left"
    return f"; without the {unseen['repeated']:,} whose text is also in train or validation: {rest}"


def _reference(summary: Summary) -> str:
    """The accuracy of the linear model; empty if there is none."""
    found: Any = summary.get("reference")
    return f"; a linear model on the same texts: {found['accuracy']:.4f}" if found else ""


def result_line(summary: Summary) -> str:
    """The first few metrics and the blessing, for a line per run."""
    metrics, blessed = summary.get("metrics"), summary.get("blessed")
    found = metrics if isinstance(metrics, dict) else {}
    floats = [f"{name} {value:.4f}" for name, value in found.items() if isinstance(value, float)]
    verdict = "" if blessed is None else "  blessed" if blessed else "  not blessed"
    return f"{', '.join(floats[:SHOWN])}{verdict}"


def _pushed(root: Path, record: ArtifactRecord) -> dict[str, object]:
    """`pushed`: the version that the model is; `in_use`: the one that is served now; both may be null."""
    if not record.properties["pushed"]:
        return {"pushed": None, "in_use": None, "push_reason": f"nothing: {record.properties['reason']}"}
    folder = root / str(record.properties["pushed_destination"])
    version, current = int(record.properties["pushed_version"]), ModelDir(folder.parent).current()
    result = "in use" if current == version else f"version {current} is in use"
    return {"pushed": version, "in_use": current, "push_reason": f"version {version}, {folder} ({result})"}
