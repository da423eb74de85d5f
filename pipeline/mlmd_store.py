"""The record of runs in ML Metadata. The one file that knows ml_metadata, and its traps.

Types are TFX's: contexts `pipeline`, `pipeline_run` and `node`; beside them a context `cache_key` for each piece of
work, so that its earlier executions are one look-up by name, and an artifact `Settlement` for each ended execution.
Two parties that end the same execution write the same settlement, whose name is unique: the second loses everything.
"""

import functools
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ml_metadata import errors
from ml_metadata import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from pipeline.artifact import Scalar
from pipeline.locks import file_lock
from pipeline.mlmd_values import get_values, set_values
from pipeline.store import ArtifactRecord, ExecutionRecord, RunRecord, SettledError

_PIPELINE, _RUN, _NODE, _KEY = "pipeline", "pipeline_run", "node", "cache_key"
_SETTLEMENT = "Settlement"
Output = tuple[pb.Artifact | None, pb.Event | None]


class MlmdStore:
    """A MetadataStore in a sqlite file, made if it is not there. For one process: each opens its own."""

    def __init__(self, path: Path) -> None:
        self._lock = path.with_name(f".{path.name}.lock")
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = str(path)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self._types: dict[tuple[str, str], int] = {}
        with file_lock(self._lock):
            # Only before ml_metadata opens it: closing a file in one of two SQLite libraries of a process drops the
            # locks of the other, and what that writes is lost.
            if not path.exists():
                connection = sqlite3.connect(path)
                connection.execute("PRAGMA journal_mode=WAL")  # readers go on while another process writes
                connection.close()
            self._store = mlmd.MetadataStore(config)

    def begin_run(self, run: RunRecord) -> None:
        values = {"settings": run.settings, "environment": run.environment, "status": run.status,
                  "pipeline": run.pipeline, "result": run.result}  # fmt: skip
        with file_lock(self._lock):
            self._context(_PIPELINE, run.pipeline)
            context = self._context(_RUN, run.run_id)
            set_values(context, values)
            self._store.put_contexts([context])

    def end_run(self, run_id: str, status: str, result: str) -> None:
        with file_lock(self._lock):
            context = self._context(_RUN, run_id)
            set_values(context, {"status": status, "result": result})
            self._store.put_contexts([context])

    def get_run(self, run_id: str) -> RunRecord | None:
        context = self._store.get_context_by_type_and_name(_RUN, run_id)
        if context is None:
            return None
        values = get_values(context)
        names = ("pipeline", "settings", "environment", "status", "result")
        return RunRecord(run_id, *(str(values.get(name, "")) for name in names))

    def executions_of(self, run_id: str) -> list[ExecutionRecord]:
        return self._executions(self._store.get_context_by_type_and_name(_RUN, run_id))

    def begin(self, execution: ExecutionRecord) -> int:
        with file_lock(self._lock):
            return self._put(execution, "RUNNING", _inputs(execution))

    def publish(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
        with file_lock(self._lock):
            node = self._context(_NODE, execution.component)
            set_values(node, {"latest": execution.id})
            made = [(self._artifact(record), _event(key, pb.Event.OUTPUT)) for key, record in outputs.items()]
            self._settle(execution, "COMPLETE", made, [node])
            return dict(self._outputs([execution.id]).get(execution.id, {}))

    def fail(self, execution: ExecutionRecord, error: str) -> None:
        with file_lock(self._lock):
            self._settle(execution, "FAILED", [], [], {"error": error})

    def record_cached(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> None:
        with file_lock(self._lock):
            taken = [(None, _event(key, pb.Event.OUTPUT, record.id)) for key, record in outputs.items()]
            self._put(execution, "CACHED", [*_inputs(execution), *taken])

    def find(self, cache_key: str) -> list[ExecutionRecord]:
        found = self._executions(self._store.get_context_by_type_and_name(_KEY, cache_key))
        return [e for e in reversed(found) if e.state == "COMPLETE" and e.outputs]

    def find_by_name(self, type_name: str, name: str) -> ExecutionRecord | None:
        found = self._store.get_execution_by_type_and_name(type_name, name)
        return None if found is None else self._records([found])[0]

    def latest(self, component: str) -> ExecutionRecord | None:
        node = self._store.get_context_by_type_and_name(_NODE, component)
        latest = None if node is None else get_values(node).get("latest")
        return None if latest is None else self._records(self._store.get_executions_by_id([int(latest)]))[0]

    def _settle(self, execution: ExecutionRecord, state: str, outputs: list[Output], contexts: list[pb.Context],
                values: Mapping[str, Scalar] | None = None) -> None:  # fmt: skip
        settlement = pb.Artifact(type_id=self._type(_SETTLEMENT, pb.ArtifactType), name=execution.name)
        pairs = [*outputs, (settlement, _event("settlement", pb.Event.OUTPUT))]
        try:
            self._put(execution, state, pairs, contexts, values)
        except errors.AlreadyExistsError as error:
            raise SettledError(
                f"{execution.name} was ended by another process while this one was at it; "
                f"nothing of this one is published; run again"
            ) from error

    def _put(self, execution: ExecutionRecord, state: str, pairs: list[Output],
             contexts: Iterable[pb.Context] = (), values: Mapping[str, Scalar] | None = None) -> int:  # fmt: skip
        record = pb.Execution(
            type_id=self._type(execution.type_name, pb.ExecutionType),
            name=execution.name,
            last_known_state=pb.Execution.State.Value(state),
        )
        if execution.id:
            record.id = execution.id
        set_values(record, {
            "component": execution.component, "run_id": execution.run_id, "cache_key": execution.cache_key,
            "key_fields": json.dumps(dict(execution.key_fields), sort_keys=True),
            **execution.properties, **(values or {}),
        })  # fmt: skip
        around = [self._context(_RUN, execution.run_id), self._context(_KEY, execution.cache_key), *contexts]
        return int(self._store.put_execution(record, pairs, around)[0])

    def _artifact(self, record: ArtifactRecord) -> pb.Artifact:
        type_id = self._type(record.type_name, pb.ArtifactType)
        artifact = pb.Artifact(type_id=type_id, uri=record.uri, state=pb.Artifact.LIVE)
        set_values(artifact, {"digest": record.digest, **record.properties})
        return artifact

    def _executions(self, context: pb.Context | None) -> list[ExecutionRecord]:
        if context is None:
            return []
        return self._records(sorted(self._store.get_executions_by_context(context.id), key=lambda e: e.id))

    def _records(self, executions: list[pb.Execution]) -> list[ExecutionRecord]:
        outputs = self._outputs([e.id for e in executions])
        return [_execution(e, outputs.get(e.id, {})) for e in executions]

    def _outputs(self, execution_ids: list[int]) -> dict[int, dict[str, ArtifactRecord]]:
        events = [e for e in self._store.get_events_by_execution_ids(execution_ids) if e.type == pb.Event.OUTPUT]
        artifacts = {a.id: a for a in self._store.get_artifacts_by_id({e.artifact_id for e in events})}
        outputs: dict[int, dict[str, ArtifactRecord]] = {}
        for event in events:
            artifact = artifacts[event.artifact_id]
            if artifact.state == pb.Artifact.LIVE:
                outputs.setdefault(event.execution_id, {})[event.path.steps[0].key] = _artifact_record(artifact)
        return outputs

    def _context(self, kind: str, name: str) -> pb.Context:
        """The context of that type and name, made if it is not there; with its properties, or a write wipes them."""
        found = self._store.get_context_by_type_and_name(kind, name)
        if found is None:
            self._store.put_contexts([pb.Context(type_id=self._type(kind, pb.ContextType), name=name)])
            found = self._store.get_context_by_type_and_name(kind, name)
        return found

    def _type(self, name: str, kind: Any) -> int:
        put = {pb.ArtifactType: "put_artifact_type", pb.ExecutionType: "put_execution_type",
               pb.ContextType: "put_context_type"}[kind]  # fmt: skip
        if (put, name) not in self._types:
            self._types[put, name] = getattr(self._store, put)(kind(name=name))
        return self._types[put, name]


def _inputs(execution: ExecutionRecord) -> list[Output]:
    # A bare Artifact(id, type_id) instead of None would wipe that artifact's properties.
    return [(None, _event(key, pb.Event.INPUT, id_)) for key, id_ in execution.inputs.items()]


def _event(key: str, kind: int, artifact_id: int = 0) -> pb.Event:
    event = pb.Event(type=kind, path=pb.Event.Path(steps=[pb.Event.Path.Step(key=key)]))
    if artifact_id:
        event.artifact_id = artifact_id
    return event


def _execution(execution: pb.Execution, outputs: Mapping[str, ArtifactRecord]) -> ExecutionRecord:
    values = get_values(execution)
    component, run_id, key = (str(values.pop(name, "")) for name in ("component", "run_id", "cache_key"))
    fields = json.loads(str(values.pop("key_fields", "{}")))
    state = pb.Execution.State.Name(execution.last_known_state)
    return ExecutionRecord(
        name=execution.name,
        component=component,
        type_name=execution.type,
        run_id=run_id,
        cache_key=key,
        key_fields=fields,
        properties=values,
        state=state,
        id=execution.id,
        outputs=outputs,
    )


def _artifact_record(artifact: pb.Artifact) -> ArtifactRecord:
    values = get_values(artifact)
    digest = str(values.pop("digest", ""))
    return ArtifactRecord(artifact.type, artifact.uri, digest, values, artifact.id)


@functools.cache
def open_store(path: Path) -> MlmdStore:
    """The store of that file, opened once in a process."""
    return MlmdStore(path)
