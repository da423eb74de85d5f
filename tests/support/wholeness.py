"""Checks that a pipeline root is consistent, also after its processes were killed."""

from pathlib import Path

from pipeline.caching.resolver import Resolver
from pipeline.provenance.runs import recorded
from pipeline.storage.workspace import Workspace
from tests.support.command_line import records

OUTSIDE = ("logs", "tensorboard", "data", "serving")
"""Folders of a pipeline root without artifacts."""


def assert_whole(root: Path) -> None:
    """Asserts that nothing is RUNNING, every artifact is unchanged, and every folder is recorded."""
    assert records(root) == {"running": 0, "integrity": "ok"}
    workspace = Workspace(root)
    store = recorded(workspace)
    resolver = Resolver(workspace, lambda: store)
    known = set()
    for run_id in store.run_ids():
        run = store.get_run(run_id)
        assert run is not None
        assert run.status in ("COMPLETE", "FAILED"), run
        for execution in store.executions_of(run_id):
            if execution.state == "COMPLETE" and all(record.live for record in execution.outputs.values()):
                assert resolver.damage(execution) is None
                known.add(f"{execution.component}/{run_id}")
    folders = (path for path in root.glob("[!.]*/*/") if path.parent.name not in OUTSIDE)
    on_disk = {path.relative_to(root).as_posix() for path in folders}
    assert on_disk == known, on_disk ^ known
    staged = [path.name for path in (root / ".staging").iterdir()]
    assert staged == [], staged
