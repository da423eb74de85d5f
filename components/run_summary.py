"""What the summary of a run tells of its model and metrics, read back from the artifacts."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.outcome import Outcome
from schemas.artifacts import Model, ModelEvaluation


def describe_run(root: Path, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """`metrics`, `epochs`, `model` and `pushed` of the run's JSON; null for what the run did not come to.

    Floats are exact. `root`: the pipeline root, from which artifacts' uris go.
    """
    summary: dict[str, object] = {"metrics": None, "epochs": None, "model": None, "pushed": None}
    for outcome in outcomes:
        for record in outcome.outputs.values():
            path = root / record.uri
            if record.type_name == ModelEvaluation.TYPE_NAME:
                summary["metrics"] = _read(path / "metrics.json")
            elif record.type_name == Model.TYPE_NAME:
                timing = {epoch["epoch"]: epoch["seconds"] for epoch in _read(path / "timing.json")["epochs"]}
                history = _read(path / "history.json")["epochs"]
                summary["epochs"] = [{**epoch, "seconds": timing.get(epoch["epoch"])} for epoch in history]
                properties = {name: record.properties[name] for name in ("parameters", "weights_sha256", "best_epoch")}
                summary["model"] = {"uri": str(path), **properties}
    return summary


def _read(path: Path) -> dict:  # type: ignore[type-arg]
    return json.loads(path.read_bytes())
