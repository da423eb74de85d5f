"""Deletes the folders of artifacts that none of the kept runs needs, and other files of runs. Records stay."""

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.storage.locks import lock_if_free
from pipeline.storage.workspace import Workspace, maker_of


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
            found.append(Collected(execution.component, execution.run_id, folder_size(folder)))
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


def makers(store: MetadataStore, runs: list[RunRecord]) -> set[str]:
    """The ids of `runs`, and of the runs that made the outputs which they took from the cache."""
    outputs = (r for run in runs for e in store.executions_of(run.run_id) for r in e.outputs.values())
    return {run.run_id for run in runs} | {maker_of(record.uri) for record in outputs}


def collect_files(workspace: Workspace, forgotten: Collection[str], dry_run: bool) -> dict[str, int]:
    """Deletes reports, logs and event files of the runs `forgotten`, except active ones. Returns the bytes by kind."""
    under_way = workspace.staging.under_way()
    freed = dict.fromkeys(("reports", "logs", "tensorboard"), 0)
    for run_id in sorted(set(forgotten).difference(under_way)):
        paths = workspace.report_file(run_id), workspace.log_file(run_id), workspace.events(run_id)
        for kind, path in zip(freed, paths, strict=True):
            freed[kind] += folder_size(path) if path.is_dir() else path.stat().st_size if path.is_file() else 0
            if path.is_dir() and not dry_run:
                shutil.rmtree(path, ignore_errors=True)
            elif not dry_run:
                path.unlink(missing_ok=True)
    return freed


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


def folder_size(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
