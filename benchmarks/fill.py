"""`python -m benchmarks.fill ROOT RUNS`: records runs in a pipeline root, each like the last but changed."""

import sys
from dataclasses import replace
from pathlib import Path

from pipeline.mlmd_store import MlmdStore
from pipeline.store import MetadataStore
from pipeline.workspace import Workspace


def fill(store: MetadataStore, runs: int) -> None:
    """Every run executes the last component anew, and takes the others from the cache, as retraining does."""
    [last] = store.recent_runs(1)
    executions = store.executions_of(last.run_id)
    for number in range(runs):
        run_id = f"19700101-000000-{number:06x}"
        store.begin_run(replace(last, run_id=run_id, status="RUNNING", result=""))
        for execution in executions[:-1]:
            store.record_cached(replace(execution, id=0, name=f"{run_id}.{execution.component}", run_id=run_id),
                                execution.outputs)  # fmt: skip
        changed = {**executions[-1].key_fields, "parameter:number": str(number)}
        record = replace(executions[-1], id=0, name=f"{run_id}.{executions[-1].component}", run_id=run_id,
                         cache_key=f"{number:064x}", key_fields=changed)  # fmt: skip
        record = replace(record, id=store.begin(record))
        store.publish(record, {k: replace(r, id=0, uri=f"{record.component}/{run_id}/{k}")
                               for k, r in executions[-1].outputs.items()})  # fmt: skip
        store.end_run(run_id, "COMPLETE", last.result)


if __name__ == "__main__":
    fill(MlmdStore(Workspace(Path(sys.argv[1])).metadata), int(sys.argv[2]))
