"""What is recorded of runs, and the store that keeps it: the recording model, without a database."""

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
    """An execution was already published, or declared dead, by someone else; what was to be written was not."""


@dataclass(frozen=True)
class ArtifactRecord:
    """An artifact as it is recorded. `uri` is its directory from the pipeline root, so that a root can be moved."""

    type_name: str
    uri: str
    digest: str
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    id: int = 0
    live: bool = True
    """Whether it is to be used; else its files were collected."""


@dataclass(frozen=True)
class ExecutionRecord:
    """One execution of a component. `name` is unique: the run's id and the component's name."""

    name: str
    component: str
    type_name: str
    run_id: str
    cache_key: str
    key_fields: Mapping[str, str]
    open_key: str = ""
    """The key without what was chosen from earlier runs, under which it is found as well; empty if nothing was."""
    reason: str = ""
    """Why it ran, or of which run it took the outputs."""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """Ids of the artifacts that it reads, by input."""
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    state: str = "RUNNING"
    """RUNNING, COMPLETE, CACHED or FAILED."""
    id: int = 0
    outputs: Mapping[str, ArtifactRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """One run of a pipeline. `result`: its JSON once it has ended, else empty."""

    run_id: str
    pipeline: str
    settings: str
    """JSON of the flags."""
    environment: str
    """JSON of versions, source digest, git commit and machine."""
    status: str = "RUNNING"
    result: str = ""


class MetadataStore(Protocol):
    """Keeps the record of runs. Every method is one transaction."""

    def begin_run(self, run: RunRecord) -> None:
        """Records that a run has begun."""

    def end_run(self, run_id: str, status: str, result: str) -> None:
        """Records how it ended."""

    def get_run(self, run_id: str) -> RunRecord | None:
        """A run, or None."""

    def recent_runs(self, limit: int) -> list[RunRecord]:
        """The last runs, newest first."""

    def run_ids(self) -> list[str]:
        """The ids of all runs, oldest first."""

    def executions_of(self, run_id: str) -> list[ExecutionRecord]:
        """The executions of a run, in the order in which they began."""

    def begin(self, execution: ExecutionRecord) -> int:
        """Records a RUNNING execution and what it reads; returns its id."""

    def publish(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
        """Makes a RUNNING execution COMPLETE and its outputs LIVE; returns the outputs with their ids.

        Raises SettledError if it is no longer RUNNING.
        """

    def fail(self, execution: ExecutionRecord, error: str) -> None:
        """Makes a RUNNING execution FAILED. Raises SettledError if it is no longer RUNNING."""

    def delete(self, artifact_ids: Sequence[int]) -> None:
        """Marks artifacts as not to be used any more: their files are collected."""

    def record_cached(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> None:
        """Records that a run took the outputs of an earlier execution."""

    def record_done(self, execution: ExecutionRecord) -> None:
        """Records as COMPLETE what somebody did with artifacts outside of any run: its `run_id` is empty."""

    def find(self, cache_key: str) -> list[ExecutionRecord]:
        """COMPLETE executions whose cache key or open key that is and whose outputs are LIVE, newest first."""

    def find_by_name(self, type_name: str, name: str) -> ExecutionRecord | None:
        """The execution of that name, or None."""

    def recent(self, component: str, limit: int, before: int = 0) -> list[ExecutionRecord]:
        """The last COMPLETE executions of a component, newest first; `before`: only those with a smaller id."""

    def makers(self, type_name: str) -> list[str]:
        """The components whose last COMPLETE execution made an artifact of that type."""

    def artifacts_at(self, uri: str) -> list[ArtifactRecord]:
        """The artifacts whose directory, from the pipeline root, is `uri`."""

    def producer(self, artifact_id: int) -> ExecutionRecord | None:
        """The execution that made an artifact."""

    def consumers(self, artifact_id: int) -> list[ExecutionRecord]:
        """The executions that read an artifact, oldest first."""


PAGE = 50
"""So many executions are read at a time."""


def all_recent(store: MetadataStore, component: str) -> Iterator[ExecutionRecord]:
    """All COMPLETE executions of a component, newest first, read as they are asked for."""
    last, size = 0, PAGE
    while True:
        found = store.recent(component, size)
        yield from (execution for execution in found if not last or execution.id < last)
        if len(found) < size:
            return
        last, size = found[-1].id, 4 * size  # to go on from the last one would be to count from the first one again


def executions_making(store: MetadataStore, type_name: str) -> Iterator[ExecutionRecord]:
    """All COMPLETE executions of the components that make artifacts of that type, newest first."""
    found = (all_recent(store, component) for component in store.makers(type_name))
    return heapq.merge(*found, key=lambda execution: -execution.id)


def recorded_artifact(store: MetadataStore, artifact_id: int) -> ArtifactRecord | None:
    """The artifact of that id, if it is LIVE."""
    maker = store.producer(artifact_id)
    made = maker.outputs.values() if maker else ()
    return next((record for record in made if record.id == artifact_id and record.live), None)
