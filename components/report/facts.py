"""What the record tells of one run, read once and handed to every section of its report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.report.forms import AbsentError
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.runs import find_run, recorded, settings_of
from pipeline.storage.workspace import Workspace

_STATUSES = {"COMPLETE": "EXECUTED"}
NEAR = 5
"""So many runs are looked through for the one before."""


@dataclass(frozen=True)
class Step:
    """What became of one component in the run."""

    name: str
    status: str
    """EXECUTED, CACHED, FAILED, SKIPPED, or RUNNING in a run that has not ended."""
    reason: str
    seconds: float | None
    upstream: tuple[str, ...]
    """The components of this run that it reads from."""
    execution: ExecutionRecord | None
    """None for one that was skipped, or that failed before it began."""


@dataclass(frozen=True)
class Facts:
    """A recorded run. The store is open for what a section asks beyond it."""

    workspace: Workspace
    store: MetadataStore
    run: RunRecord
    result: Mapping[str, Any]
    """The run's JSON; empty if it has not ended."""
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, workspace: Workspace, run_id: str) -> "Facts":
        """Reads the record of a run; `latest` is the last one. Raises ConfigError if there is none of that id."""
        store = recorded(workspace)
        run = find_run(store, run_id)
        result = json.loads(run.result or "{}")
        executions = {execution.component: execution for execution in store.executions_of(run.run_id)}
        told = {component["name"]: component for component in result.get("components", [])}
        names = [*told, *(name for name in executions if name not in told)]
        steps = tuple(_step(store, name, told.get(name), executions.get(name)) for name in names)
        return cls(workspace, store, run, result, steps)

    @property
    def settings(self) -> dict[str, bool | int | float | str]:
        """The flags that the run was made from."""
        return settings_of(self.run)

    @property
    def environment(self) -> dict[str, Any]:
        """What it ran in."""
        return dict(json.loads(self.run.environment))

    def record(self, type_name: str) -> ArtifactRecord:
        """The run's artifact of a type, its files there or not. Raises AbsentError if it made and took none."""
        executions = [step.execution for step in reversed(self.steps) if step.execution]
        for execution in executions:
            for artifact in execution.outputs.values():
                if artifact.type_name == type_name:
                    return artifact
        raise AbsentError(f"This run has no {type_name}.")

    def properties(self, type_name: str) -> Mapping[str, Any]:
        """The properties of the artifact of that type, which outlive its files; empty if the run has none."""
        try:
            return self.record(type_name).properties
        except AbsentError:
            return {}

    def path(self, type_name: str) -> Path:
        """Where the files of the artifact of that type are. Raises AbsentError if there is none, or none any more."""
        record = self.record(type_name)
        path = self.workspace.root / record.uri
        if not record.live:
            raise AbsentError(f"The files of this run's {type_name} were freed by gc; `replay` makes them again.")
        if not path.is_dir():
            raise AbsentError(f"The files of this run's {type_name} are gone from {path}.")
        return path

    def step(self, name: str) -> Step | None:
        """What became of the component of that name."""
        return next((step for step in self.steps if step.name == name), None)

    def previous(self) -> RunRecord | None:
        """The nearest run before this one that ended well, on the same data set, with metrics to compare with."""
        recent = self.store.recent_runs(2 * NEAR)
        ids = [run.run_id for run in recent]
        if self.run.run_id in ids[:NEAR]:
            before = recent[ids.index(self.run.run_id) + 1 :]
        else:  # a run of long ago: by its id, which begins with its time
            earlier = [run_id for run_id in self.store.run_ids() if run_id < self.run.run_id][-NEAR:]
            before = [run for run_id in reversed(earlier) if (run := self.store.get_run(run_id))]
        return next(filter(self._comparable, before), None)

    def _comparable(self, run: RunRecord) -> bool:
        measured = run.status == "COMPLETE" and json.loads(run.result or "{}").get("metrics")
        return bool(measured) and settings_of(run).get("dataset") == self.settings.get("dataset")


def _step(store: MetadataStore, name: str, told: Mapping[str, Any] | None, execution: ExecutionRecord | None) -> Step:
    if told is not None:
        upstream = tuple(told["upstream"]) if "upstream" in told else _makers(store, execution)
        return Step(name, told["status"], told["reason"], told["seconds"], upstream, execution)
    assert execution is not None
    status = _STATUSES.get(execution.state, execution.state)
    return Step(name, status, execution.reason, None, _makers(store, execution), execution)


def _makers(store: MetadataStore, execution: ExecutionRecord | None) -> tuple[str, ...]:
    """The components that made what it read: those of a run that was recorded without its edges, or killed."""
    ids = execution.inputs.values() if execution else ()
    made = [maker.component for artifact_id in ids if (maker := store.producer(artifact_id))]
    return tuple(dict.fromkeys(made))
