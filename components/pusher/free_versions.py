"""Deletes pushed versions that are not in use and belong to runs that `gc` forgets."""

import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from components.pusher.current_version import locked
from components.shared.pushes import Push, pushes, pushes_in_use
from pipeline.core.records import MetadataStore, executions_making
from pipeline.storage.garbage import folder_size
from schemas.artifacts.model import PushedModel
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.push import Version


def free_versions(root: Path, store: MetadataStore, kept: Collection[str], dry_run: bool) -> int:
    """Deletes the versions that only runs outside of `kept` pushed into the pipeline root. Returns their bytes.

    Versions in use stay, by the folder and by the record, and so does everything in a serving folder elsewhere, which
    other pipeline roots may push to.
    """
    known = [push for push in pushes(executions_making(store, PushedModel.TYPE_NAME)) if _inside(root, push)]
    needed = {push.destination for push in known if push.run_id in kept}
    needed |= {push.destination for push in pushes_in_use(store)}
    unused = {push.destination for push in known} - needed
    return sum(_free(ModelDir((root / destination).parent), (root / destination).name, dry_run)
               for destination in sorted(unused))  # fmt: skip


def _inside(root: Path, push: Push) -> bool:
    return (root / push.destination).is_relative_to(root) and ".." not in Path(push.destination).parts


def _free(model: ModelDir, version: str, dry_run: bool) -> int:
    folder = model.path / version
    if not folder.is_dir() or model.current() == int(version):
        return 0
    size = folder_size(folder)
    if not dry_run:
        with locked(model, lambda line: print(line, file=sys.stderr)):  # or a rollback could choose it now
            if model.current() == int(version):
                return 0
            # `version.json` first: without it, a folder is not a version, whenever the deletion is killed.
            (folder / Version.FILE).unlink(missing_ok=True)
            shutil.rmtree(folder)
    return size
