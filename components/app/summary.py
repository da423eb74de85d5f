"""What the summary of a run tells of its model and metrics, read back from the artifacts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from absl import flags

from pipeline.core.outcome import Outcome
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation, PushedModel
from schemas.artifacts.serving_dir import ModelDir


def describe_run(root: Path, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """`metrics`, `epochs`, `model`, `blessed`, `blessing_reason` and `pushed` of the run's JSON; null: not come to.

    Floats are exact. `root`: the pipeline root, from which artifacts' uris go.
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


def shortfall(values: flags.FlagValues, summary: Mapping[str, object]) -> str:
    """What a run that went well lacks of what the flags demand: a blessing, with `--require_blessing`."""
    refused = values.require_blessing and summary["blessed"] is False
    return "the model is not blessed (why, see above), which --require_blessing demands" if refused else ""


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
