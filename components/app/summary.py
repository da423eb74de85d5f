"""The model and metrics in the JSON of a run, read back from the artifacts, and the lines that show them."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation, PushedModel
from schemas.artifacts.serving_dir import ModelDir

SHOWN = 3
"""The number of metrics in a line per run."""


def describe_run(root: Path, outcomes: Sequence[Outcome]) -> Summary:
    """`metrics`, `epochs`, `model`, `blessed`, `blessing_reason` and `pushed` of the run's JSON; null if not reached.

    Floats are exact. `root`: the pipeline root, which artifact URIs are relative to.
    """
    summary: dict[str, object] = {"metrics": None, "epochs": None, "model": None, "pushed": None}
    summary |= {"blessed": None, "blessing_reason": None}
    for outcome in outcomes:
        for record in outcome.outputs.values():
            path = root / record.uri
            if record.type_name == ModelEvaluation.TYPE_NAME:
                summary["metrics"] = _read(path / "metrics.json")
            elif record.type_name == ModelBlessing.TYPE_NAME:
                summary["blessed"] = record.properties["blessed"] == 1
                summary["blessing_reason"] = record.properties["reason"]
            elif record.type_name == Model.TYPE_NAME:
                timing = {epoch["epoch"]: epoch["seconds"] for epoch in _read(path / "timing.json")["epochs"]}
                history = _read(path / "history.json")["epochs"]
                summary["epochs"] = [{**epoch, "seconds": timing.get(epoch["epoch"])} for epoch in history]
                properties = {name: record.properties[name] for name in ("parameters", "weights_sha256", "best_epoch")}
                summary["model"] = {"uri": str(path), **properties}
            elif record.type_name == PushedModel.TYPE_NAME:
                summary |= _pushed(root, record)
    return summary


def result_lines(summary: Summary) -> list[str]:
    """The lines about metrics, model, blessing and push that a run prints at its end, as far as the run came."""
    lines, metrics, model = [], summary.get("metrics"), summary.get("model")
    if isinstance(metrics, dict):
        shown = ", ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v:,}" for k, v in metrics.items())
        lines.append(f"test:  {shown}")
    if isinstance(model, dict):
        lines.append(f"model: {model['uri']} (epoch {model['best_epoch']})")
    if reason := summary.get("blessing_reason"):
        lines.append(f"blessing: {reason}")
    if reason := summary.get("push_reason"):
        lines.append(f"pushed: {reason}")
    return lines


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
    told = "in use" if current == version else f"version {current} is in use"
    return {"pushed": version, "in_use": current, "push_reason": f"version {version}, {folder} ({told})"}


def _read(path: Path) -> dict:  # type: ignore[type-arg]
    return json.loads(path.read_bytes())
