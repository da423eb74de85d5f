"""Finds recorded runs, and says clearly when one is not there."""

import json
from pathlib import Path

from pipeline.core.errors import ConfigError, near_match
from pipeline.core.records import MetadataStore, RunRecord
from pipeline.metadata.store import open_store
from pipeline.storage.workspace import Workspace

LAST = 5
"""So many of the last runs are named where a run was expected."""


def recorded(workspace: Workspace) -> MetadataStore:
    """The record of a pipeline root. Raises ConfigError if nothing ever ran there."""
    place = workspace.metadata
    if isinstance(place, Path) and not place.is_file():
        raise ConfigError(
            f"there are no runs in {workspace.root}; name another --pipeline_root, or run the pipeline first"
        )
    return open_store(place)


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
    """The flags that a run was made from."""
    return dict(json.loads(run.settings))
