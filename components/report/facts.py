"""What the record has about one run, read once and passed to every section of its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from msgspec import UNSET

from pipeline.core.errors import DataError
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.runs import find_run, json_object, recorded, settings_of
from pipeline.storage.workspace import Workspace
from schemas.contracts.encode import Contract, decode, read
from schemas.contracts.evaluation import Metrics
from schemas.contracts.runs import Run, RunComponent

T = TypeVar("T")
C = TypeVar("C", bound=Contract)

NEAR = 5
"""The number of earlier runs that are searched for the previous comparable one."""

_STATUSES = {"COMPLETE": "EXECUTED"}


class AbsentError(Exception):
    """Something that a section needs does not exist. The message says so in one line and is shown in its place."""


def read_if_there(form: type[T], path: Path) -> T:
    """A JSON file as a value of `form`. Raises AbsentError if there is no such file, DataError if it is damaged."""
    if not path.is_file():
        raise AbsentError(f"The {path.parent.name.replace('_', ' ')} of this run has no {path.name}.")
    return read(form, path)


def result_of(run: RunRecord) -> Run | None:
    """The JSON of a run; None if it has not ended. Raises DataError if it is damaged."""
    return decode(Run, run.result, f"the result of run {run.run_id}") if run.result else None


@dataclass(frozen=True)
class Step:
    """One component of the run, and how it ended."""

    name: str
    status: str
    """EXECUTED, CACHED, FAILED, SKIPPED, or RUNNING in a run that has not ended."""
    reason: str
    seconds: float | None
    upstream: tuple[str, ...]
    """The components of this run that it reads from."""
    execution: ExecutionRecord | None
    """None if it was skipped, or failed before it began."""


@dataclass(frozen=True)
class Facts:
    """A recorded run. Sections ask the store for what is not here."""

    workspace: Workspace
    store: MetadataStore
    run: RunRecord
    result: Run | None
    """The run's JSON; None if it has not ended, or cannot be read."""
    steps: tuple[Step, ...]
    damages: tuple[str, ...] = ()
    """Why the run's JSON cannot be read."""

    @classmethod
    def of(cls, workspace: Workspace, run_id: str) -> "Facts":
        """Reads the record of a run; `latest` is the last one. Raises ConfigError if there is no run of that id."""
        store = recorded(workspace)
        run = find_run(store, run_id)
        try:
            result, damages = result_of(run), tuple[str, ...]()
        except DataError as damage:  # recorded by a version that writes another form
            result, damages = None, (str(damage),)
        executions = {execution.component: execution for execution in store.executions_of(run.run_id)}
        ended = {component.name: component for component in (result.components if result else ())}
        names = [*ended, *(name for name in executions if name not in ended)]
        steps = tuple(_step(store, name, ended.get(name), executions.get(name)) for name in names)
        return cls(workspace, store, run, result, steps, damages)

    @property
    def settings(self) -> dict[str, bool | int | float | str]:
        """The flags of the run."""
        return settings_of(self.run)

    @property
    def environment(self) -> dict[str, Any]:
        """The machine, libraries and source that it ran with."""
        return json_object(self.run.environment)

    @property
    def metrics(self) -> dict[str, float | int]:
        """The Evaluator's metrics by name; empty if the run has none."""
        return self.result.metrics.by_name() if self.result and self.result.metrics else {}

    @property
    def reference(self) -> dict[str, float | int]:
        """The metrics of the linear model by name; empty if the run has none."""
        return self.result.reference.by_name() if self.result and self.result.reference else {}

    def record(self, type_name: str) -> ArtifactRecord:
        """The run's artifact of a type, whether or not its files exist. Raises AbsentError if it has none."""
        executions = [step.execution for step in reversed(self.steps) if step.execution]
        for execution in executions:
            for artifact in execution.outputs.values():
                if artifact.type_name == type_name:
                    return artifact
        raise AbsentError(f"This run has no {type_name}.")

    def properties(self, type_name: str) -> Mapping[str, Any]:
        """The properties of the artifact of a type, which outlive its files; empty if the run has none."""
        try:
            return self.record(type_name).properties
        except AbsentError:
            return {}

    def path(self, type_name: str) -> Path:
        """The folder of the artifact of a type. Raises AbsentError if there is none, or its files are gone."""
        record = self.record(type_name)
        path = self.workspace.root / record.uri
        self.workspace.fetch(path)
        if not record.live:
            raise AbsentError(f"The files of this run's {type_name} were deleted by gc; `replay` creates them again.")
        if not path.is_dir():
            raise AbsentError(f"The files of this run's {type_name} are missing from {path}.")
        return path

    def read(self, form: type[C], type_name: str) -> C:
        """The JSON file `form.FILE` of the artifact of a type. Raises AbsentError and DataError."""
        return read_if_there(form, self.path(type_name) / form.FILE)

    def previous(self) -> tuple[RunRecord, Metrics] | None:
        """The last run before this one that succeeded on the same data set and has metrics, and these."""
        recent = self.store.recent_runs(2 * NEAR)
        ids = [run.run_id for run in recent]
        if self.run.run_id in ids[:NEAR]:
            before = recent[ids.index(self.run.run_id) + 1 :]
        else:  # an old run: run ids sort by time
            earlier = [run_id for run_id in self.store.run_ids() if run_id < self.run.run_id][-NEAR:]
            before = [run for run_id in reversed(earlier) if (run := self.store.get_run(run_id))]
        return next(((run, metrics) for run in before if (metrics := self._comparable(run))), None)

    def _comparable(self, run: RunRecord) -> Metrics | None:
        """The metrics of a run that this one can be compared with."""
        if run.status != "COMPLETE" or settings_of(run).get("dataset") != self.settings.get("dataset"):
            return None
        try:
            result = result_of(run)
        except DataError:  # the report of that run reports it
            return None
        return result.metrics if result else None


def _step(store: MetadataStore, name: str, ended: RunComponent | None, execution: ExecutionRecord | None) -> Step:
    if ended is not None:
        upstream = _producers(store, execution) if ended.upstream is UNSET else ended.upstream
        return Step(name, ended.status, ended.reason, ended.seconds, upstream, execution)
    assert execution is not None
    status = _STATUSES.get(execution.state, execution.state)
    return Step(name, status, execution.reason, None, _producers(store, execution), execution)


def _producers(store: MetadataStore, execution: ExecutionRecord | None) -> tuple[str, ...]:
    """The components whose outputs it read: for a run that was killed, or recorded without its edges."""
    ids = execution.inputs.values() if execution else ()
    found = [producer.component for artifact_id in ids if (producer := store.producer(artifact_id))]
    return tuple(dict.fromkeys(found))
