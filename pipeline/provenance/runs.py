"""Finds recorded runs, and says clearly when one is not there, or when its process is dead."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pipeline.core.errors import ConfigError, near_match
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.metadata.opening import open_for_reading, open_store
from pipeline.storage.workspace import Workspace

LAST = 5
"""So many of the last runs are named where a run was expected."""

DEAD = "dead, will be settled"
"""The status of what is recorded as RUNNING, but whose process is dead. The next run settles it."""


@dataclass(frozen=True)
class _Present:
    """A MetadataStore that does not call something RUNNING if its process is dead."""

    store: MetadataStore
    dead: frozenset[str]
    """The names of runs and executions."""

    def get_run(self, run_id: str) -> RunRecord | None:
        run = self.store.get_run(run_id)
        return None if run is None else self._run(run)

    def recent_runs(self, limit: int) -> list[RunRecord]:
        return [self._run(run) for run in self.store.recent_runs(limit)]

    def executions_of(self, run_id: str) -> list[ExecutionRecord]:
        found = self.store.executions_of(run_id)
        return [replace(e, state=self._state(e.state, e.name, run_id)) for e in found]

    def _run(self, run: RunRecord) -> RunRecord:
        return replace(run, status=self._state(run.status, run.run_id))

    def _state(self, state: str, *names: str) -> str:
        return DEAD if state == "RUNNING" and not self.dead.isdisjoint(names) else state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def recorded(workspace: Workspace, write: bool = False) -> MetadataStore:
    """The record of a pipeline root. Raises ConfigError if nothing ever ran there.

    `write`: whether the command also writes to it. If not, nothing in the root changes, and it may be read-only.
    """
    place = workspace.metadata
    if isinstance(place, Path) and not place.is_file():
        raise ConfigError(
            f"there are no runs in {workspace.url or workspace.root}; name another --pipeline_root, "
            "or run the pipeline first"
        )
    if write and workspace.root.is_dir():
        Workspace.open(workspace.root)  # fails if it cannot be written
    store = open_store(place) if write else open_for_reading(place)
    return cast(MetadataStore, _Present(store, frozenset(workspace.staging.dead())))


def find_run(store: MetadataStore, run_id: str) -> RunRecord:
    """The run of that id, or the last one for `latest`. Raises ConfigError with the near match or the last five."""
    last = [run.run_id for run in store.recent_runs(LAST)]
    run = store.get_run(last[0] if run_id == "latest" and last else run_id)
    if run is None:
        close = near_match(run_id, store.run_ids())
        hint = close if close.startswith("; did") else f"; the last ones: {', '.join(last)}" if last else ""
        raise ConfigError(f"there is no run '{run_id}'{hint}")
    return run


def settings_of(run: RunRecord) -> dict[str, bool | int | float | str]:
    """The flags that a run was made from; empty if an earlier version recorded none."""
    return json_object(run.settings)


def settings_to_repeat(run: RunRecord) -> dict[str, bool | int | float | str]:
    """The same. Raises ConfigError if there are none: the defaults may differ from those of that time."""
    if settings := settings_of(run):
        return settings
    raise ConfigError(f"run {run.run_id} was recorded without its settings, so it cannot be repeated; use run")


def json_object(text: str) -> dict[str, Any]:
    """A JSON object of the record; empty if there is none, or if it cannot be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
