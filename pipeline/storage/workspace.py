"""The folders of a pipeline root. Only this code creates and deletes artifact folders.

<component>/<run>/<output>/…      published artifacts; next to them MANIFEST.json with the SHA-256 of every file
.staging/<run>[.<component>]/     an active run or execution: OWNER.json, outputs/, scratch/
.resume/<cache key>/              checkpoints to resume from; <cache key>.json describes the execution
.source.json                      what parsing the source found, so that the next process need not parse it
.locks/                           lock files: one per cache key, and one for .staging/
data/                             downloaded or prepared files that are not artifacts
serving/<name>/<version>/         pushed versions; written by a component, not by the engine
tensorboard/<run>/                event files
logs/<run>.log                    all log lines of a run, including those that the terminal does not show
reports/<run>.html                the report of a run; index.html lists all runs
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import sha256_file
from pipeline.core.errors import WorkspaceError
from pipeline.storage.database_url import MySql, Place
from pipeline.storage.durable import fsync, fsync_tree, no_access, share
from pipeline.storage.manifest import MANIFEST, manifest_damage, write_manifest
from pipeline.storage.staging import Staging, StagingArea

LONGEST_SQLITE_ROOT = 480
"""The longest path of a root in bytes. SQLite opens no file with a path of more than 512 bytes."""

LONGEST_ROOT = 3_400
"""The same if the metadata are in a database server: Linux allows 4,096 bytes for the files in the root."""

LONGEST_NAME = 255
"""The longest name of a file or folder in bytes."""


@dataclass(frozen=True)
class Workspace:
    """A pipeline root."""

    root: Path
    team: MySql | None = None
    """The metadata database of a team; None: a file in the root."""
    url: str = ""
    """The URL of the root in object storage, if `root` is the local copy of one."""
    fetcher: Callable[[Path], None] | None = None
    """Fetches a file or folder of that root into the local copy."""

    @classmethod
    def open(cls, root: Path, team: MySql | None = None) -> "Workspace":
        """Creates the root if it does not exist. Raises WorkspaceError if it is a file or cannot be written."""
        if root.exists() and not root.is_dir():
            raise WorkspaceError(f"the pipeline root {root} is a file; choose a directory with --pipeline_root")
        try:
            (root / ".staging").mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root / ".staging") as probe:  # without a name, so a kill leaves nothing
                probe.write(b"refit")
        except OSError as error:
            raise no_access(f"the pipeline root {root}", error) from error
        return cls(root.absolute(), team)

    def fetch(self, path: Path) -> None:
        """Makes sure that a file or folder of the root is on this machine, if the root has it."""
        if self.fetcher is not None:
            self.fetcher(path)

    @property
    def data(self) -> Path:
        """The folder for downloaded or prepared files that are not artifacts."""
        return self.root / "data"

    @property
    def metadata(self) -> Place:
        """The location of the metadata."""
        return self.team or self.root / "metadata.sqlite"

    @property
    def parsed_source(self) -> Path:
        """The file that saves later processes the parsing of the source."""
        return self.root / ".source.json"

    def log_file(self, run_id: str) -> Path:
        """Returns the path of a run's log."""
        return self.root / "logs" / f"{run_id}.log"

    def report_file(self, run_id: str) -> Path:
        """Returns the path of a run's report."""
        return self.root / "reports" / f"{run_id}.html"

    def events(self, run_id: str) -> Path:
        """Returns the folder for a run's event files. The component that writes them creates it."""
        return self.root / "tensorboard" / run_id

    @contextmanager
    def shared_events(self, run_id: str) -> Iterator[None]:
        """Gives the event files of a run, written in the block, the permissions that the umask allows."""
        try:
            yield
        finally:
            if (folder := self.events(run_id)).is_dir():
                share(folder, folder.parent)

    def lock(self, cache_key: str) -> Path:
        """Returns the lock file that a process holds while it runs the component with this cache key."""
        return self.root / ".locks" / f"{cache_key}.lock"

    def resume(self, cache_key: str, about: Mapping[str, str]) -> Path:
        """Returns the folder with the checkpoints of earlier executions with this cache key; creates it if needed.

        `about`: describes this execution. `unfinished` returns it if the execution does not finish.
        """
        path = self.root / ".resume" / cache_key
        path.mkdir(parents=True, exist_ok=True)
        _write_json(path.with_suffix(".json"), dict(about))
        return path

    def unfinished(self) -> dict[str, dict[str, str]]:
        """Returns the `about` of each execution that left checkpoints, by cache key."""
        folders = {path: path.with_suffix("") for path in sorted((self.root / ".resume").glob("*.json"))}
        return {folder.name: json.loads(path.read_bytes()) for path, folder in folders.items() if any(folder.glob("*"))}

    @property
    def staging(self) -> StagingArea:
        """The staging folders of active runs and executions."""
        return StagingArea(self.root / ".staging", self.root / ".locks" / "staging.lock")

    def commit(self, staging: Staging, component: str, run_id: str) -> tuple[Path, str]:
        """Moves finished outputs to their final folder in one rename. They are on disk before and after it.

        Returns the folder and the SHA-256 of its manifest.
        """
        outputs = staging.path / "outputs"
        write_manifest(outputs)
        share(outputs)
        fsync_tree(outputs)
        target = self.root / component / run_id
        target.parent.mkdir(exist_ok=True)
        outputs.rename(target)
        fsync(target.parent)
        fsync(self.root)
        return target, sha256_file(target / MANIFEST)

    def forget_resume(self, cache_key: str) -> None:
        """Deletes the checkpoints of a cache key, for example because its outputs are published."""
        path = self.root / ".resume" / cache_key
        path.with_suffix(".json").unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)

    def damage(self, directory: Path, manifest_sha256: str) -> str | None:
        """Returns what is wrong with published outputs; None if every byte is unchanged."""
        self.fetch(directory)
        return manifest_damage(directory, manifest_sha256, self.root)

    def published(self) -> list[tuple[str, str]]:
        """Returns the component and run of all published outputs on disk."""
        return sorted((path.parent.parent.name, path.parent.name) for path in self.root.glob(f"[!.]*/*/{MANIFEST}"))

    def remove_outputs(self, component: str, run_id: str) -> None:
        """Deletes outputs that were never recorded or may no longer be used."""
        shutil.rmtree(self.root / component / run_id, ignore_errors=True)

    def expire_resume(self, keys: Container[str]) -> None:
        """Deletes the checkpoints of all cache keys except `keys` and the keys of active runs."""
        alive = set(self.staging.under_way())
        for path in (self.root / ".resume").glob("*.json"):
            if path.stem not in keys and json.loads(path.read_bytes())["run_id"] not in alive:
                self.forget_resume(path.stem)


def maker_of(uri: str) -> str:
    """The id of the run that made an artifact."""
    return uri.split("/")[1]


def check_root(root: Path, team: MySql | None) -> None:
    """Raises WorkspaceError if the path of a pipeline root cannot work: it is too long, or is not text."""
    name = os.fsencode(root)
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        raise WorkspaceError(
            f"the pipeline root {str(root)!a} is not UTF-8; choose a directory with another name for --pipeline_root"
        ) from None
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in root.parts):
        raise WorkspaceError(f"the pipeline root {str(root)[:60]}… has a name of more than {LONGEST_NAME} bytes in it")
    longest = LONGEST_ROOT if team else LONGEST_SQLITE_ROOT
    if len(name) > longest:
        raise WorkspaceError(
            f"the pipeline root {str(root)[:60]}… has a path of {len(name):,} bytes, and at most {longest:,} work; "
            f"choose another one with --pipeline_root"
        )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
