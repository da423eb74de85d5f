"""Clears up after processes that died in the middle of a run."""

from pipeline.core.records import MetadataStore, SettledError
from pipeline.storage.workspace import Workspace


def reap(workspace: Workspace, store: MetadataStore) -> list[str]:
    """Ends the runs and executions whose process died, and removes what they left. Returns their names.

    The record comes first: only when it says FAILED is it certain that nobody publishes what is removed. Then their
    folder is taken away, so that a process that was only thought dead cannot move it to its place any more.
    """
    reaped = []
    for staging, about in workspace.staging.abandoned():
        if "name" in about:
            record = store.find_by_name(about["type_name"], about["name"])
            state = record.state if record else ""
            if record is not None and state == "RUNNING":
                try:
                    store.fail(record, "its process died")
                except SettledError:
                    continue  # it was published, or reaped by another process, in this very moment
                reaped.append(record.name)
                state = "FAILED"
            staging = workspace.staging.seize(staging)
            if record is not None and state == "FAILED":
                workspace.remove_outputs(record.component, record.run_id)
        elif "run_id" in about:
            run = store.get_run(about["run_id"])
            if run is not None and run.status == "RUNNING":
                store.end_run(run.run_id, "FAILED", "")
        workspace.staging.discard(staging)
    return reaped
