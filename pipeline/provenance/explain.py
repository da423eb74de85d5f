"""Explains why an execution ran: its differences from the nearest earlier one, back to the first cause upstream."""

from dataclasses import dataclass

from pipeline.caching.fingerprint import changed_fields, field_phrase
from pipeline.caching.resolver import NEAR, nearest
from pipeline.core.records import ExecutionRecord, MetadataStore


@dataclass(frozen=True)
class Cause:
    """One field of the cache key that differs."""

    field: str
    """Its name in the key: `parameter:epochs`, `input:model`, `source:components/…`, `library:keras`."""
    old: str | None
    new: str | None
    phrase: str
    """The change as text for the user: `learning_rate 0.001 → 0.01`."""
    because: "Explanation | None" = None
    """For an input: how the executions that produced the old and the new artifact differ."""


@dataclass(frozen=True)
class Explanation:
    """Why a component ran or was cached."""

    component: str
    run_id: str
    state: str
    reason: str
    """The reason that the run recorded."""
    compared_with: str | None
    """The run of the nearest earlier execution; None if this is the first one, or if it was CACHED."""
    causes: tuple[Cause, ...]


def explain(store: MetadataStore, execution: ExecutionRecord) -> Explanation:
    """Explains an execution by comparing it with the nearest earlier one."""
    if execution.state == "CACHED":
        return _explanation(execution, None, ())
    near = nearest(store.recent(execution.component, NEAR, before=execution.id), execution.key_fields)
    return _explanation(execution, None, ()) if near is None else compare(store, near, execution)


def compare(store: MetadataStore, old: ExecutionRecord, new: ExecutionRecord) -> Explanation:
    """Explains `new` by comparing it with `old`, an execution of the same component. Follows inputs upstream."""
    causes = [_cause(store, name, old, new) for name in changed_fields(old.key_fields, new.key_fields)]
    return _explanation(new, old.run_id, tuple(causes))


def _explanation(execution: ExecutionRecord, compared_with: str | None, causes: tuple[Cause, ...]) -> Explanation:
    return Explanation(execution.component, execution.run_id, execution.state, execution.reason, compared_with, causes)


def _cause(store: MetadataStore, name: str, old: ExecutionRecord, new: ExecutionRecord) -> Cause:
    values = old.key_fields.get(name), new.key_fields.get(name)
    kind, _, key = name.partition(":")
    if kind != "input":  # an input from an earlier run is not followed: its causes belong to that run
        return Cause(name, *values, field_phrase(name, *values))
    makers = [store.producer(execution.inputs[key]) for execution in (old, new) if key in execution.inputs]
    phrase, because = field_phrase(name, *values), None
    if len(makers) == 2 and makers[0] and makers[1]:
        output = next((k for k, record in makers[1].outputs.items() if record.id == new.inputs[key]), key)
        phrase = f"{makers[1].component}'s {output} changed"
        because = compare(store, makers[0], makers[1])
    return Cause(name, *values, phrase, because)
