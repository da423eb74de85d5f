"""`gc`: frees the artifacts and other files that the last runs do not need."""

import json
from dataclasses import asdict

from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError
from pipeline.provenance.runs import recorded
from pipeline.storage.garbage import collect, collect_files, kept_runs, makers
from pipeline.storage.reaper import reap


def command(call: Call) -> int:
    """Frees them. With --dry_run it only lists them."""
    if call.values.keep is None:
        raise ConfigError("gc needs the number of last runs to keep complete, for example --keep=10")
    workspace = call.workspace
    dry_run = bool(call.values.dry_run)
    store = recorded(workspace, write=not dry_run)
    if not dry_run:
        reap(workspace, store)
    known = set(store.run_ids())  # first: a run that begins and ends during `gc` is not forgotten
    kept = kept_runs(store, call.values.keep, call.app.keeps(call.values, store))
    found = collect(workspace, store, kept, dry_run)
    needed = makers(store, kept)
    freed = {
        "artifacts": sum(one.bytes for one in found),
        **collect_files(workspace, known - needed, dry_run),
        **call.app.free(workspace, store, needed, dry_run),
    }
    total = sum(freed.values())
    if call.json:
        summary = {"kept": [run.run_id for run in kept], "collected": [asdict(one) for one in found], "bytes": total}
        print(json.dumps({**summary, "freed": freed, "dry_run": dry_run}))
        return 0
    for one in found:
        print(f"{one.component} of run {one.run_id}: {one.bytes / 1e6:,.1f} MB")
    verb = "would be freed" if dry_run else "freed"
    print(", ".join(f"{kind} {size / 1e6:,.1f} MB" for kind, size in freed.items()))
    print(f"{total / 1e6:,.1f} MB {verb}; {len(kept)} runs stay complete")
    return 0
