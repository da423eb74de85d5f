"""Reads the record: a run, the differences between two runs, and the lineage of an artifact."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.environment import differences
from pipeline.provenance.runs import json_object, settings_of

_STATUSES = {"COMPLETE": "EXECUTED"}
"""Statuses of a run whose names differ from the states of executions."""


def describe_recorded(
    store: MetadataStore, run: RunRecord, result_keys: Sequence[str], brief: bool = False
) -> dict[str, Any]:
    """A run as JSON: settings, environment (unless `brief`), results, and components with inputs and outputs.

    `result_keys`: the keys of the run's JSON that hold results by name.
    """
    result = json_object(run.result)
    found: dict[str, Any] = {"run_id": run.run_id, "pipeline": run.pipeline, "status": run.status}
    found["settings"] = settings_of(run)
    found |= {key: result.get(key) for key in (*result_keys, "error")}
    if run.status == "FAILED" and not run.result:
        found["error"] = {"component": None, "type": "ProcessDied", "message": "its process died", "log": None}
    if not brief:
        found["environment"] = json_object(run.environment)
    found["components"] = [_component(execution) for execution in store.executions_of(run.run_id)]
    return found


def compare_runs(store: MetadataStore, old: RunRecord, new: RunRecord, result_keys: Sequence[str]) -> dict[str, Any]:
    """What differs between two runs, each field as [old, new]: settings, environment, digests of artifacts, results."""
    both = [describe_recorded(store, run, result_keys) for run in (old, new)]
    parts = ("settings", "environment", *result_keys)
    return {
        "runs": [old.run_id, new.run_id],
        **{part: _changed(*(one[part] or {} for one in both)) for part in parts[:2]},
        "artifacts": _changed(*(digests(one) for one in both)),
        **{part: _changed(*(one[part] or {} for one in both)) for part in parts[2:]},
    }


def digests(run: dict[str, Any]) -> dict[str, str]:
    """The content digest of every artifact of a run, given as `describe_recorded` or as a run's JSON."""
    return {
        f"{component['name']}.{key}": output["digest"]
        for component in run["components"]
        for key, output in component["outputs"].items()
    }


def lineage(store: MetadataStore, root: Path, named: str) -> dict[str, Any]:
    """Everything upstream and everything downstream of an artifact, nearest first.

    `named`: its directory, from the pipeline root or from the working directory. Raises ConfigError if there is none.
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
