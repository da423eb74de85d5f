"""The folders under a pipeline root. The only code that makes or deletes artifact folders.

<component>/<run>/<output>/…      published artifacts, and beside them MANIFEST.json: the sha256 of every byte
.staging/<run>[.<component>]/     a run, or an execution, under way: OWNER.json, outputs/, scratch/
.resume/<cache key>/              what a component keeps to go on from after a kill; beside it as .json, what that was
data/                             what was downloaded or prepared, and is no artifact
serving/<model>/<version>/        what was pushed, unless it goes elsewhere; written by Pusher alone
tensorboard/<run>/                event files of its training, for TensorBoard
logs/<run>.log                    everything that the run said, also what the terminal was spared
reports/<run>.html                what a person reads of it; index.html: of all
"""

import errno
import json
import os
import shutil
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import sha256_file
from pipeline.core.errors import PipelineError, WorkspaceError
from pipeline.storage.database_url import MySql, Place
from pipeline.storage.durable import fsync, fsync_tree
from pipeline.storage.manifest import MANIFEST, manifest_damage, write_manifest
from pipeline.storage.staging import Staging, StagingArea


@dataclass(frozen=True)
class Workspace:
    """A pipeline root."""

    root: Path
    team: MySql | None = None
    """The database that a team keeps its metadata in; None: a file in the root."""

    @classmethod
    def open(cls, root: Path, team: MySql | None = None) -> "Workspace":
        """Makes the root if need be. Raises WorkspaceError if it is a file or cannot be written."""
        if root.exists() and not root.is_dir():
            raise WorkspaceError(f"the pipeline root {root} is a file; name a directory with --pipeline_root")
        try:
            (root / ".staging").mkdir(parents=True, exist_ok=True)
            probe = root / ".staging" / f".probe-{os.getpid()}"
            probe.write_bytes(b"refit")
            probe.unlink()
        except OSError as error:
            why = error.strerror or str(error)
            raise WorkspaceError(
                f"the pipeline root {root} cannot be written: {why}; name another with --pipeline_root"
            ) from error
        return cls(root.absolute(), team)

    @property
    def data(self) -> Path:
        """Where components download to and prepare what no component made."""
        return self.root / "data"

    @property
    def metadata(self) -> Place:
        """Where metadata are kept."""
        return self.team or self.root / "metadata.sqlite"

    def log_file(self, run_id: str) -> Path:
        """The log of a run."""
        return self.root / "logs" / f"{run_id}.log"

    def report_file(self, run_id: str) -> Path:
        """The report of a run."""
        return self.root / "reports" / f"{run_id}.html"

    def events(self, run_id: str) -> Path:
        """Where TensorBoard finds the curves of a run; made by who writes there."""
        return self.root / "tensorboard" / run_id

    def lock(self, cache_key: str) -> Path:
        """The lock that whoever does that work holds."""
        return self.root / ".locks" / f"{cache_key}.lock"

    def resume(self, cache_key: str, about: Mapping[str, str]) -> Path:
        """What an earlier, killed execution of that work left to go on from; made if it is not there.

        `about`: what is told of it by `unfinished`, if it is not finished.
        """
        path = self.root / ".resume" / cache_key
        path.mkdir(parents=True, exist_ok=True)
        _write_json(path.with_suffix(".json"), dict(about))
        return path

    def unfinished(self) -> dict[str, dict[str, str]]:
        """What was told of each work that left something to go on from, by cache key."""
        told = {path: path.with_suffix("") for path in sorted((self.root / ".resume").glob("*.json"))}
        return {kept.name: json.loads(path.read_bytes()) for path, kept in told.items() if any(kept.glob("*"))}

    @property
    def staging(self) -> StagingArea:
        """The folders of what is under way."""
        return StagingArea(self.root / ".staging", self.root / ".locks" / "staging.lock")

    def commit(self, staging: Staging, component: str, run_id: str) -> tuple[Path, str]:
        """Moves finished outputs to their place in one rename, everything safe on disk before and after.

        Returns their directory and the sha256 of its manifest.
        """
        outputs = staging.path / "outputs"
        write_manifest(outputs)
        fsync_tree(outputs)
        target = self.root / component / run_id
        target.parent.mkdir(exist_ok=True)
        outputs.rename(target)
        fsync(target.parent)
        fsync(self.root)
        return target, sha256_file(target / MANIFEST)

    def forget_resume(self, cache_key: str) -> None:
        """Removes what was kept to go on from: the work is published."""
        path = self.root / ".resume" / cache_key
        path.with_suffix(".json").unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)

    def damage(self, directory: Path, manifest_sha256: str) -> str | None:
        """What is wrong with published outputs, or None if every byte is as it was published."""
        return manifest_damage(directory, manifest_sha256, self.root)

    def published(self) -> list[tuple[str, str]]:
        """Component and run of all outputs that lie in their place."""
        return sorted((path.parent.parent.name, path.parent.name) for path in self.root.glob(f"[!.]*/*/{MANIFEST}"))

    def remove_outputs(self, component: str, run_id: str) -> None:
        """Removes outputs that were never recorded, or are not to be used any more."""
        shutil.rmtree(self.root / component / run_id, ignore_errors=True)

    def expire_resume(self, keys: Container[str]) -> None:
        """Removes what was kept to go on from, of all works but those with these keys and those under way."""
        alive = set(self.staging.under_way())
        for path in (self.root / ".resume").glob("*.json"):
            if path.stem not in keys and json.loads(path.read_bytes())["run_id"] not in alive:
                self.forget_resume(path.stem)


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turns a full disk into a PipelineError that says so."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        free = shutil.disk_usage(root).free // 2**20
        raise PipelineError(
            f"no space left on the disk of {root} ({free} MB free); make room, or name another --pipeline_root"
        ) from error


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
