"""Reads from the record which models were pushed, and which one is in use since. Light to import."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.core.records import ExecutionRecord, MetadataStore, all_recent, executions_making
from schemas.artifacts.model import PushedModel

ROLLBACK = "Rollback"
"""The type of execution that a rollback is recorded as."""


@dataclass(frozen=True)
class Push:
    """A push of a model, or the finding that the same model had been pushed before."""

    served_as: str
    version: int
    new: bool
    """Whether the version is new. Otherwise the model has the weights and graph of an earlier one."""
    in_use: int
    """The version in use after it."""
    destination: str
    """The folder of the version, relative to the pipeline root."""
    run_id: str
    artifact_id: int
    """The id of the PushedModel."""
    execution: ExecutionRecord
    """The execution of the Pusher."""


def pushes(executions: Iterable[ExecutionRecord]) -> Iterator[Push]:
    """Yields the pushes among the executions of a Pusher, in the same order."""
    for execution in executions:
        record = execution.outputs.get("pushed_model")
        if record is not None and record.properties.get("pushed") == 1:
            version = int(record.properties["pushed_version"])
            yield Push(
                str(record.properties["pushed_name"]),
                version,
                bool(record.properties.get("pushed_new", 1)),
                int(record.properties.get("in_use", version)),
                str(record.properties["pushed_destination"]),
                execution.run_id,
                record.id,
                execution,
            )


def push_in_use(store: MetadataStore, served_as: str) -> Push | None:
    """Returns the push of the version of a model that is in use, by the record of pushes and rollbacks.

    None if no version was pushed under that name. The serving folder itself is not read, so that the answer is the same
    on every machine that has the record.
    """
    known: list[Push] = []
    version = None
    for push in pushes(executions_making(store, PushedModel.TYPE_NAME)):
        if push.served_as != served_as:
            continue
        if version is None:
            version = _rolled_back_to(store, push) or push.in_use
        known.append(push)
        if push.version == version and push.new:
            return push
    return known[0] if known else None


def pushes_in_use(store: MetadataStore) -> list[Push]:
    """Returns the push of the version in use of every model that was pushed."""
    names = {push.served_as for push in pushes(executions_making(store, PushedModel.TYPE_NAME))}
    found = (push_in_use(store, name) for name in sorted(names))
    return [push for push in found if push]


def _rolled_back_to(store: MetadataStore, push: Push) -> int | None:
    """Returns the version that the last rollback after `push` put into use; None if there was none."""
    for rollback in all_recent(store, ROLLBACK):
        if rollback.id < push.execution.id:
            return None
        if rollback.properties["served_as"] == push.served_as:
            return int(rollback.properties["version"])
    return None
