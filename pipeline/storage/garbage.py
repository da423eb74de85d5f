"""Deletes the folders of artifacts that none of the kept runs needs. Their records stay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.storage.locks import lock_if_free
from pipeline.storage.workspace import Workspace


@dataclass(frozen=True)
class Collected:
    """The outputs of one execution that were deleted, or would be deleted in a dry run."""

    component: str
    run_id: str
    bytes: int


def collect(workspace: Workspace, store: MetadataStore, kept: list[RunRecord], dry_run: bool) -> list[Collected]:
    """Deletes all outputs that neither the `kept` runs nor the active runs produced or read.

    It is safe during a run: a component takes cached outputs under the lock of their cache key, and this function
    deletes them under the same lock. Outputs that an active run uses, and cache keys that a run has locked, stay.
    """
    needed = {id_ for run in kept for id_ in _artifacts(store, run.run_id)}
    found = []
    for execution in _executions(workspace, store):
        with lock_if_free(workspace.lock(execution.cache_key), create=not dry_run) as free:
            if not free:
                continue
            under_way = {id_ for run_id in workspace.staging.under_way() for id_ in _artifacts(store, run_id)}
            ids = [record.id for record in execution.outputs.values()]
            # Otherwise a killed `gc` has deleted the records: no run can use the outputs any more.
            live = all(record.live for record in execution.outputs.values())
            if live and (needed | under_way).intersection(ids):
                continue
            folder = workspace.root / execution.component / execution.run_id
            found.append(Collected(execution.component, execution.run_id, _size(folder)))
            if not dry_run:
                store.delete(ids)  # first, because a run uses only outputs that are LIVE
                workspace.remove_outputs(execution.component, execution.run_id)
    if not dry_run:
        keys = {execution.cache_key for run in kept for execution in store.executions_of(run.run_id)}
        workspace.expire_resume(keys)
    return found


def kept_runs(store: MetadataStore, keep: int, also: Callable[[str], bool]) -> list[RunRecord]:
    """The last `keep` runs, and those of the older runs that `also` chooses by their id."""
    runs = store.recent_runs(keep)
    known = {run.run_id for run in runs}
    older = [run_id for run_id in store.run_ids() if run_id not in known and also(run_id)]
    return runs + [run for run_id in older if (run := store.get_run(run_id))]


def _artifacts(store: MetadataStore, run_id: str) -> Iterator[int]:
    """Yields the ids of all artifacts that a run produced, took from the cache, or read."""
    for execution in store.executions_of(run_id):
        yield from execution.inputs.values()
        yield from (record.id for record in execution.outputs.values())


def _executions(workspace: Workspace, store: MetadataStore) -> Iterator[ExecutionRecord]:
    """Yields the executions whose outputs are on disk."""
    for component, run_id in workspace.published():
        for execution in store.executions_of(run_id):
            if execution.component == component and execution.state == "COMPLETE":
                yield execution


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
