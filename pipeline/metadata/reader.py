"""Reads records from ML Metadata.

It reads contexts and events, and does not use `filter_query`, which newer releases of ML Metadata remove.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.core.records import ArtifactRecord, ExecutionRecord, RunRecord
from pipeline.metadata.values import get_values

PIPELINE, RUN, NODE, KEY, ENVIRONMENT = "pipeline", "pipeline_run", "node", "cache_key", "environment"
"""Context types. The first three have the names that TFX uses."""

SETTLEMENT = "Settlement"
"""The type of the artifact that marks an execution as ended."""

LIVE = 2
"""The value of Artifact.State.LIVE in ml_metadata."""


class MlmdReader:
    """The read methods of a MetadataStore."""

    def __init__(self, store: Any, newest: Callable[[int], Any]) -> None:
        """Reads from `store`, an ml_metadata MetadataStore. `newest(n)`: list options for the n newest items."""
        self._store, self._newest = store, newest
        self._fields: dict[str, Mapping[str, str]] = {}

    def get_run(self, run_id: str) -> RunRecord | None:
        context = self._store.get_context_by_type_and_name(RUN, run_id)
        return None if context is None else self._run(context)

    def recent_runs(self, limit: int) -> list[RunRecord]:
        # The list also contains contexts of other types, about one per component: read more until it has enough runs.
        size = 8 * limit
        while True:
            contexts = self._store.get_contexts(list_options=self._newest(size))
            found = [context for context in contexts if context.type == RUN]
            if len(found) >= limit or len(contexts) < size:
                return [self._run(context) for context in found[:limit]]
            size *= 4

    def run_ids(self) -> list[str]:
        return sorted(context.name for context in self._store.get_contexts_by_type(RUN))

    def executions_of(self, run_id: str) -> list[ExecutionRecord]:
        return self._associated(RUN, run_id)

    def find(self, cache_key: str) -> list[ExecutionRecord]:
        found = [e for e in reversed(self._associated(KEY, cache_key)) if e.state == "COMPLETE"]
        return [e for e in found if e.outputs and all(record.live for record in e.outputs.values())]

    def find_by_name(self, type_name: str, name: str) -> ExecutionRecord | None:
        found = self._store.get_execution_by_type_and_name(type_name, name)
        return None if found is None else self._records([found])[0]

    def recent(self, component: str, limit: int, before: int = 0) -> list[ExecutionRecord]:
        node = self._store.get_context_by_type_and_name(NODE, component)
        if node is None:
            return []
        # Usually `before` is near the newest. For an old run, read more until enough are found.
        size = 2 * limit if before else limit
        while True:
            executions = self._store.get_executions_by_context(node.id, list_options=self._newest(size))
            found = [e for e in executions if not before or e.id < before][:limit]
            if len(found) == limit or len(executions) < size:
                return self._records(found)
            size *= 4

    def makers(self, type_name: str) -> list[str]:
        names = sorted(context.name for context in self._store.get_contexts_by_type(NODE))
        last = {name: [record for e in self.recent(name, 1) for record in e.outputs.values()] for name in names}
        return [name for name, made in last.items() if any(record.type_name == type_name for record in made)]

    def artifacts_at(self, uri: str) -> list[ArtifactRecord]:
        return [_artifact(found) for found in self._store.get_artifacts_by_uri(uri)]

    def producer(self, artifact_id: int) -> ExecutionRecord | None:
        # Uses the run id in the uri. Its events are too many: each run that took it from the cache added one.
        for artifact in self._store.get_artifacts_by_id([artifact_id]):
            run_id = artifact.uri.split("/")[1] if artifact.uri.count("/") == 2 else ""
            for execution in self.executions_of(run_id):
                if execution.state == "COMPLETE" and any(r.id == artifact_id for r in execution.outputs.values()):
                    return execution
        return None

    def consumers(self, artifact_id: int) -> list[ExecutionRecord]:
        events = self._store.get_events_by_artifact_ids([artifact_id])
        ids = {e.execution_id for e in events if e.Type.Name(e.type) == "INPUT"}
        return self._records(sorted(self._store.get_executions_by_id(ids), key=lambda e: int(e.id))) if ids else []

    def _run(self, context: Any) -> RunRecord:
        values = {name: str(value) for name, value in get_values(context).items()}
        known = self._store.get_context_by_type_and_name(ENVIRONMENT, values.get("environment", ""))
        environment = "{}" if known is None else str(get_values(known)["json"])
        names = ("pipeline", "settings", "status", "result")
        return RunRecord(run_id=context.name, environment=environment, **{name: values.get(name, "") for name in names})

    def _associated(self, kind: str, name: str) -> list[ExecutionRecord]:
        context = self._store.get_context_by_type_and_name(kind, name)
        if context is None:
            return []
        return self._records(sorted(self._store.get_executions_by_context(context.id), key=lambda e: int(e.id)))

    def _records(self, executions: Iterable[Any]) -> list[ExecutionRecord]:
        found = list(executions)
        events = self._store.get_events_by_execution_ids([e.id for e in found]) if found else []
        made = {e.artifact_id for e in events if e.Type.Name(e.type) == "OUTPUT"}
        artifacts = {a.id: a for a in self._store.get_artifacts_by_id(made)} if made else {}
        inputs: dict[int, dict[str, int]] = {}
        outputs: dict[int, dict[str, ArtifactRecord]] = {}
        for event in events:
            key = event.path.steps[0].key
            artifact = artifacts.get(event.artifact_id)
            if event.Type.Name(event.type) == "INPUT":
                inputs.setdefault(event.execution_id, {})[key] = event.artifact_id
            elif artifact is not None and artifact.type != SETTLEMENT:
                outputs.setdefault(event.execution_id, {})[key] = _artifact(artifact)
        made_of = [_execution(e, inputs.get(e.id, {}), outputs.get(e.id, {})) for e in found]
        return [replace(e, key_fields=self._fields_of(e.cache_key)) if _is_short(e) else e for e in made_of]

    def _fields_of(self, cache_key: str) -> Mapping[str, str]:
        """The fields of a cache key, which only the executions that are not cached have."""
        if cache_key not in self._fields:
            context = self._store.get_context_by_type_and_name(KEY, cache_key)
            executions = self._store.get_executions_by_context(context.id) if context else ()
            found = (_execution(e, {}, {}).key_fields for e in executions)
            self._fields[cache_key] = next(filter(None, found), {})
        return self._fields[cache_key]


def _is_short(execution: ExecutionRecord) -> bool:
    """Whether an execution is stored without the fields of its key."""
    return execution.state == "CACHED" and not execution.key_fields


def _execution(execution: Any, inputs: Mapping[str, int], outputs: Mapping[str, ArtifactRecord]) -> ExecutionRecord:
    values = get_values(execution)
    names = ("component", "run_id", "cache_key", "reason")
    component, run_id, key, reason = (str(values.pop(name, "")) for name in names)
    fields = json.loads(str(values.pop("key_fields", "{}")))
    return ExecutionRecord(
        name=execution.name,
        component=component,
        type_name=execution.type,
        run_id=run_id,
        cache_key=key,
        key_fields=fields,
        reason=reason,
        inputs=inputs,
        properties=values,
        state=execution.State.Name(execution.last_known_state),
        id=execution.id,
        outputs=outputs,
    )


def _artifact(artifact: Any) -> ArtifactRecord:
    values = get_values(artifact)
    digest = str(values.pop("digest", ""))
    return ArtifactRecord(artifact.type, artifact.uri, digest, values, artifact.id, artifact.state == LIVE)
