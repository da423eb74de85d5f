"""Writes the records of runs to ML Metadata.

The context types `pipeline`, `pipeline_run` and `node` have the names that TFX uses. In addition, each cache key has a
context `cache_key`, to find its executions by one look-up, and each ended execution has a `Settlement` artifact.
The name of a settlement is unique. If two processes end the same execution, the transaction of the second one fails.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml_metadata import errors
from ml_metadata import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from pipeline.core.artifact import Scalar
from pipeline.core.records import ArtifactRecord, ExecutionRecord, RunRecord, SettledError
from pipeline.metadata.connect import connect
from pipeline.metadata.reader import ENVIRONMENT, KEY, NODE, PIPELINE, RUN, SETTLEMENT, MlmdReader
from pipeline.metadata.retry import Guarded
from pipeline.metadata.sqlite_file import create
from pipeline.metadata.values import Declared, property_types, set_declared, set_values
from pipeline.storage.database_url import Place
from pipeline.storage.locks import file_lock

Output = tuple[pb.Artifact | None, pb.Event | None]
Named = tuple[str, str]
"""The type and name of a context."""


class MlmdStore(MlmdReader):
    """A MetadataStore in a database, which is created if it does not exist. Each process must open its own."""

    def __init__(self, place: Place | None, opened: Any = None) -> None:
        """Opens the database; `place` None: in memory. Raises MetadataError if it cannot be opened.

        `opened`: an ml_metadata MetadataStore of the database, instead of opening it.
        """
        self._types: dict[tuple[str, str], int] = {}
        self._lock = place.with_name(f".{place.name}.lock") if isinstance(place, Path) else None
        with self._alone():
            if isinstance(place, Path):
                create(place)
            super().__init__(opened or Guarded(functools.partial(connect, place), place, errors), _newest)

    def close(self) -> None:
        """Closes the database. The next use opens it again."""
        self._store.close()

    def _alone(self) -> AbstractContextManager[None]:
        """Allows one writer at a time. A database server has its own locks."""
        return file_lock(self._lock) if self._lock else nullcontext()

    def begin_run(self, run: RunRecord) -> None:
        environment = hashlib.sha256(run.environment.encode()).hexdigest()
        values = {"settings": run.settings, "environment": environment, "status": run.status,
                  "pipeline": run.pipeline, "result": run.result}  # fmt: skip
        with self._alone():
            self._context(PIPELINE, run.pipeline)
            # Stored once for many runs: it has kilobytes.
            self._context(ENVIRONMENT, environment, {"json": run.environment})
            self._context(RUN, run.run_id, values)  # in one step: a process that dies leaves no run without settings

    def end_run(self, run_id: str, status: str, result: str) -> None:
        with self._alone():
            context = self._context(RUN, run_id)
            set_values(context, {"status": status, "result": result})
            self._store.put_contexts([context])

    def begin(self, execution: ExecutionRecord) -> int:
        with self._alone():
            keys = [(KEY, key) for key in (execution.cache_key, execution.open_key) if key]
            return self._put(execution, "RUNNING", _inputs(execution), keys)[0]

    def publish(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
        with self._alone():
            made = [(self._artifact(record), _event(key, pb.Event.OUTPUT)) for key, record in outputs.items()]
            ids = self._settle(execution, "COMPLETE", made, [(NODE, execution.component)])
            return {key: replace(record, id=id_) for id_, (key, record) in zip(ids, outputs.items(), strict=False)}

    def fail(self, execution: ExecutionRecord, error: str) -> None:
        with self._alone():
            self._settle(execution, "FAILED", [], [], {"error": error})

    def delete(self, artifact_ids: Sequence[int]) -> None:
        with self._alone():
            artifacts = self._store.get_artifacts_by_id(artifact_ids)
            for artifact in artifacts:
                artifact.state = pb.Artifact.DELETED
            self._store.put_artifacts(artifacts)

    def record_cached(self, execution: ExecutionRecord, outputs: Mapping[str, ArtifactRecord]) -> None:
        with self._alone():
            taken = [(None, _event(key, pb.Event.OUTPUT, record.id)) for key, record in outputs.items()]
            # Not in the context of the cache key: `find` reads all of that, and a key may have 10,000 cache hits.
            # Without the fields of the key, which take 150 KB a run: the execution that made the outputs has them.
            self._put(replace(execution, key_fields={}), "CACHED", [*_inputs(execution), *taken], [])

    def record_done(self, execution: ExecutionRecord) -> None:
        with self._alone():
            self._put(execution, "COMPLETE", _inputs(execution), [(NODE, execution.component)])

    def _settle(self, execution: ExecutionRecord, state: str, outputs: list[Output], contexts: list[Named],
                values: Mapping[str, Scalar] | None = None) -> list[int]:  # fmt: skip
        """Ends an execution. Returns the ids of `outputs`, followed by the id of the settlement."""
        settlement = pb.Artifact(type_id=self._type(SETTLEMENT, pb.ArtifactType), name=execution.name)
        pairs = [*outputs, (settlement, _event("settlement", pb.Event.OUTPUT))]
        try:
            return self._put(execution, state, pairs, contexts, values)[1]
        except errors.AlreadyExistsError as error:
            raise SettledError(
                f"{execution.name} was ended by another process while this process ran it; "
                f"this process has published nothing; run again"
            ) from error

    def _put(self, execution: ExecutionRecord, state: str, pairs: list[Output], contexts: list[Named],
             values: Mapping[str, Scalar] | None = None) -> tuple[int, list[int]]:  # fmt: skip
        """Writes an execution with its artifacts, events and contexts in one transaction.

        Creates missing contexts. Existing ones keep their properties, because only their names are passed.
        Returns the id of the execution and the ids of its new artifacts.
        """
        record = pb.Execution(
            type_id=self._type(execution.type_name, pb.ExecutionType),
            name=execution.name,
            last_known_state=pb.Execution.State.Value(state),
        )
        if execution.id:
            record.id = execution.id
        set_values(record, {
            "component": execution.component, "run_id": execution.run_id, "cache_key": execution.cache_key,
            "reason": execution.reason,
            **({"key_fields": json.dumps(dict(execution.key_fields), sort_keys=True)} if execution.key_fields else {}),
            **execution.properties, **(values or {}),
        })  # fmt: skip
        named = [*([(RUN, execution.run_id)] if execution.run_id else []), *contexts]
        around = [pb.Context(type_id=self._type(kind, pb.ContextType), name=name) for kind, name in named]
        id_, artifacts, _ = self._store.put_execution(record, pairs, around, reuse_context_if_already_exist=True)
        return int(id_), [int(artifact) for artifact in artifacts]

    def _artifact(self, record: ArtifactRecord) -> pb.Artifact:
        type_id = self._type(record.type_name, pb.ArtifactType, record.declared)
        artifact = pb.Artifact(type_id=type_id, uri=record.uri, state=pb.Artifact.LIVE)
        set_values(artifact, {"digest": record.digest, **set_declared(artifact, record.properties, record.declared)})
        return artifact

    def _context(self, kind: str, name: str, values: Mapping[str, Scalar] | None = None) -> pb.Context:
        """Returns the context of that type and name, and creates it if it does not exist.

        The result contains all properties, because writing a context without a property deletes it.
        """
        found = self._store.get_context_by_type_and_name(kind, name)
        if found is None:
            context = pb.Context(type_id=self._type(kind, pb.ContextType), name=name)
            set_values(context, values or {})
            with suppress(errors.AlreadyExistsError):  # another process was faster
                self._store.put_contexts([context])
            found = self._store.get_context_by_type_and_name(kind, name)
        return found

    def _type(self, name: str, kind: Any, declared: Declared | None = None) -> int:
        put = {pb.ArtifactType: "put_artifact_type", pb.ExecutionType: "put_execution_type",
               pb.ContextType: "put_context_type"}[kind]  # fmt: skip
        if (put, name) not in self._types:
            made = kind(name=name, properties=property_types(declared or {}))
            # An older version registered the type with fewer properties, another program perhaps with more.
            self._types[put, name] = getattr(self._store, put)(made, can_add_fields=True, can_omit_fields=True)
        return self._types[put, name]


def _inputs(execution: ExecutionRecord) -> list[Output]:
    # Artifact(id, type_id) instead of None would delete the properties of that artifact.
    return [(None, _event(key, pb.Event.INPUT, id_)) for key, id_ in execution.inputs.items()]


def _event(key: str, kind: int, artifact_id: int = 0) -> pb.Event:
    event = pb.Event(type=kind, path=pb.Event.Path(steps=[pb.Event.Path.Step(key=key)]))
    if artifact_id:
        event.artifact_id = artifact_id
    return event


def _newest(number: int) -> mlmd.ListOptions:
    return mlmd.ListOptions(limit=number, order_by=mlmd.OrderByField.ID, is_asc=False)
