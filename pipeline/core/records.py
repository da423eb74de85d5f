"""The records of runs, executions and artifacts, and the interface of the store, without a database."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from pipeline.core.artifact import Scalar
from pipeline.core.errors import PipelineError


class Status(Enum):
    """How a component of a run ended."""

    EXECUTED = "EXECUTED"
    CACHED = "CACHED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class SettledError(PipelineError):
    """Another process has already ended this execution: it published it, or marked it as failed.

    Nothing was written.
    """


@dataclass(frozen=True)
class ArtifactRecord:
    """The record of an artifact.

    `uri` is its directory relative to the pipeline root, so that the root can be moved.
    """

    type_name: str
    uri: str
    digest: str
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    id: int = 0
    live: bool = True
    """Whether its files may be used; False after `gc` has deleted them."""
    declared: Mapping[str, type[int] | type[str]] = field(default_factory=dict, compare=False)
    """The properties that its type declares, with their types. The store needs them only to write the record."""


@dataclass(frozen=True)
class ExecutionRecord:
    """The record of one execution of a component. `name` is unique: the run id and the component's name."""

    name: str
    component: str
    type_name: str
    run_id: str
    cache_key: str
    key_fields: Mapping[str, str]
    open_key: str = ""
    """The cache key without the inputs from earlier runs. `find` finds the execution by it, too.

    Empty if the component declares no such inputs.
    """
    reason: str = ""
    """Why it ran, or which run its cached outputs are from."""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """Ids of its input artifacts, by input name."""
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    state: str = "RUNNING"
    """RUNNING, COMPLETE, CACHED or FAILED."""
    id: int = 0
    outputs: Mapping[str, ArtifactRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """The record of one run of a pipeline. `result`: its JSON after it has ended; empty before that."""

    run_id: str
    pipeline: str
    settings: str
    """JSON of the flags."""
    environment: str
    """JSON of library versions, source digest, git commit and machine."""
    status: str = "RUNNING"
    result: str = ""


class MetadataStore(Protocol):
    """Stores the records of runs. Every method is one transaction."""

    def begin_run(self, run: RunRecord) -> None:
        """Records the start of a run."""

    def end_run(self, run_id: str, status: str, result: str) -> None:
        """Records the end of a run."""

    def get_run(self, run_id: str) -> RunRecord | None:
        """Returns a run, or None if it does not exist."""

    def recent_runs(self, limit: int) -> list[RunRecord]:
        """Returns the last runs, newest first."""

    def run_ids(self) -> list[str]:
        """Returns the ids of all runs, oldest first."""

    def executions_of(self, run_id: str) -> list[ExecutionRecord]:
        """Returns the executions of a run, in the order of their start."""

    def begin(self, execution: ExecutionRecord) -> int:
        """Records a RUNNING execution and its inputs; returns its id."""

    def publish(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
        """Marks a RUNNING execution as COMPLETE and its outputs as LIVE; returns the outputs with their ids.

        Raises SettledError if the execution is no longer RUNNING.
        """

    def fail(self, execution: ExecutionRecord, error: str) -> None:
        """Marks a RUNNING execution as FAILED. Raises SettledError if it is no longer RUNNING."""

    def delete(self, artifact_ids: Sequence[int]) -> None:
        """Marks artifacts as deleted: their files may no longer be used."""

    def record_cached(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> None:
        """Records that a run uses the outputs of an earlier execution."""

    def record_done(self, execution: ExecutionRecord) -> None:
        """Records a COMPLETE execution that is not part of a run, such as a rollback. Its `run_id` is empty."""

    def find(self, cache_key: str) -> list[ExecutionRecord]:
        """Returns the COMPLETE executions with this cache key or open key whose outputs are LIVE, newest first."""

    def find_by_name(self, type_name: str, name: str) -> ExecutionRecord | None:
        """Returns the execution of that name, or None if it does not exist."""

    def recent(self, component: str, limit: int, before: int = 0) -> list[ExecutionRecord]:
        """Returns the last COMPLETE executions of a component, newest first. `before`: only those with a smaller id."""

    def makers(self, type_name: str) -> list[str]:
        """The components whose last COMPLETE execution made an artifact of that type."""

    def artifacts_at(self, uri: str) -> list[ArtifactRecord]:
        """Returns the artifacts whose directory, relative to the pipeline root, is `uri`."""

    def producer(self, artifact_id: int) -> ExecutionRecord | None:
        """Returns the execution that produced an artifact."""

    def consumers(self, artifact_id: int) -> list[ExecutionRecord]:
        """Returns the executions that read an artifact, oldest first."""


PAGE = 50
"""The number of executions that `all_recent` reads first."""


def all_recent(store: MetadataStore, component: str) -> Iterator[ExecutionRecord]:
    """Yields all COMPLETE executions of a component, newest first. Reads them when they are needed."""
    last, size = 0, PAGE
    while True:
        found = store.recent(component, size)
        yield from (execution for execution in found if not last or execution.id < last)
        if len(found) < size:
            return
        last, size = found[-1].id, 4 * size  # larger each time, because every read starts at the newest again


def executions_making(store: MetadataStore, type_name: str) -> Iterator[ExecutionRecord]:
    """All COMPLETE executions of the components that make artifacts of that type, newest first."""
    found = (all_recent(store, component) for component in store.makers(type_name))
    return heapq.merge(*found, key=lambda execution: -execution.id)


def recorded_artifact(store: MetadataStore, artifact_id: int) -> ArtifactRecord | None:
    """Returns the artifact of that id if it is LIVE, else None."""
    maker = store.producer(artifact_id)
    made = maker.outputs.values() if maker else ()
    return next((record for record in made if record.id == artifact_id and record.live), None)
