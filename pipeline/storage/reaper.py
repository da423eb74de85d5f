"""Cleans up after processes that died during a run."""

from pipeline.core.records import MetadataStore, SettledError
from pipeline.storage.workspace import Workspace


def reap(workspace: Workspace, store: MetadataStore) -> list[str]:
    """Marks runs and executions whose process died as FAILED, and deletes their files. Returns the execution names.

    First the record is set to FAILED: after that no process can publish the outputs. Then the staging folder is
    renamed, so that a process that is alive after all cannot publish it either. Then the files are deleted.
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
                    continue  # another process has just published or reaped it
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
