"""What the record tells: a run whole, what changed between two, what an artifact comes from and goes to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.environment import differences
from pipeline.provenance.runs import settings_of

_STATUSES = {"COMPLETE": "EXECUTED"}
"""A run's words for the states of its executions, where they differ."""


def describe_recorded(store: MetadataStore, run: RunRecord, brief: bool = False) -> dict[str, Any]:
    """A run as JSON: settings, environment (unless `brief`), metrics, components with what they read and made."""
    result = json.loads(run.result or "{}")
    told: dict[str, Any] = {"run_id": run.run_id, "pipeline": run.pipeline, "status": run.status}
    told |= {"settings": settings_of(run), "metrics": result.get("metrics"), "error": result.get("error")}
    if not brief:
        told["environment"] = json.loads(run.environment)
    told["components"] = [_component(execution) for execution in store.executions_of(run.run_id)]
    return told


def compare_runs(store: MetadataStore, old: RunRecord, new: RunRecord) -> dict[str, Any]:
    """What differs between two runs, each field as [old, new]: settings, environment, artifacts' digests, metrics."""
    told = [describe_recorded(store, run) for run in (old, new)]
    return {
        "runs": [old.run_id, new.run_id],
        **{part: _changed(*(one[part] or {} for one in told)) for part in ("settings", "environment")},
        "artifacts": _changed(*(digests(one) for one in told)),
        "metrics": _changed(*(one["metrics"] or {} for one in told)),
    }


def digests(told: dict[str, Any]) -> dict[str, str]:
    """The content digest of every artifact of a run, as `describe_recorded` or a run's JSON tells it."""
    return {
        f"{component['name']}.{key}": output["digest"]
        for component in told["components"]
        for key, output in component["outputs"].items()
    }


def lineage(store: MetadataStore, root: Path, named: str) -> dict[str, Any]:
    """All that an artifact was made from, nearest first, and all that was made from it, nearest first.

    `named`: its directory, from the pipeline root or from here. Raises ConfigError if no artifact is there.
    """
    path = Path(named)
    places = [(root / path), path.absolute()]
    uris = [str(place.relative_to(root)) for place in places if place.is_relative_to(root)]
    artifact = next((found for uri in uris for found in store.artifacts_at(uri)), None)
    if artifact is None:
        raise ConfigError(f"there is no artifact at '{named}' in {root}; `runs show RUN` lists those of a run")
    return {
        "artifact": {"uri": artifact.uri, "type": artifact.type_name, "digest": artifact.digest},
        "up": [_step(store, execution) for execution in _upward(store, artifact.id)],
        "down": [_step(store, execution) for execution in _downward(store, artifact.id)],
    }


def _upward(store: MetadataStore, artifact_id: int) -> Iterator[ExecutionRecord]:
    waiting, seen = [artifact_id], set[int]()
    while waiting:
        execution = store.producer(waiting.pop(0))
        if execution is not None and execution.id not in seen:
            seen.add(execution.id)
            waiting.extend(execution.inputs.values())
            yield execution


def _downward(store: MetadataStore, artifact_id: int) -> Iterator[ExecutionRecord]:
    waiting, seen = [artifact_id], set[int]()
    while waiting:
        for execution in store.consumers(waiting.pop(0)):
            if execution.state == "COMPLETE" and execution.id not in seen:
                seen.add(execution.id)
                waiting.extend(record.id for record in execution.outputs.values())
                yield execution


def _step(store: MetadataStore, execution: ExecutionRecord) -> dict[str, Any]:
    made = [store.producer(artifact_id) for artifact_id in execution.inputs.values()]
    read = [
        next((r.uri for r in maker.outputs.values() if r.id == artifact_id), "")
        for maker, artifact_id in zip(made, execution.inputs.values(), strict=True)
        if maker is not None
    ]
    makes = [record.uri for record in execution.outputs.values()]
    return {"component": execution.component, "run_id": execution.run_id, "reads": read, "makes": makes}


def _component(execution: ExecutionRecord) -> dict[str, Any]:
    outputs = {
        key: {"uri": r.uri, "type": r.type_name, "digest": r.digest, "live": r.live}
        for key, r in execution.outputs.items()
    }
    status = _STATUSES.get(execution.state, execution.state)
    return {"name": execution.component, "status": status, "reason": execution.reason,
            "seconds": execution.properties.get("seconds"), "key": execution.cache_key, "outputs": outputs}  # fmt: skip


def _changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[object]]:
    return {name: list(pair) for name, pair in differences(old, new).items()}
