"""Which files of a pipeline root are published, which are fetched at once, and what each contains now."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import sha256_file
from pipeline.storage.locks import file_lock
from pipeline.storage.manifest import MANIFEST
from pipeline.storage.staging import OWNER

DATABASE = "metadata.sqlite"

_OWN = {".locks", ".resume", "data", "requests"}
"""Folders of one host: locks, checkpoints, downloaded data, and the requests that its server logged."""

ON_DEMAND = ("logs", "reports", "tensorboard")
"""Folders whose files are fetched only when a command reads them. The files of artifacts are as well."""

_CHANGING = {*ON_DEMAND, ".staging", "tune", "presets"}
"""Folders with files that may change while they are read."""

Signature = list[int]
"""Inode, size and times of a file. If they are unchanged, so is the content."""

Seen = dict[str, tuple[Signature, str]]
"""The SHA-256 of each file at its last signature, by path."""


@dataclass(frozen=True)
class Stored:
    """A file of a remote root."""

    sha256: str
    size: int
    key: str
    """The name of the object with its content. It is used for this content once and never again."""


Files = Mapping[str, Stored]
"""The files of a remote root by their paths."""


def is_published(path: str) -> bool:
    """Whether a file of a pipeline root is part of the remote root. Paths have slashes and begin below the root."""
    first, *rest = path.split("/")
    last = rest[-1] if rest else first
    if first in _OWN or last.endswith((".lock", ".new")) or ".staging" in rest:
        return False
    if first == ".staging":
        return len(rest) == 2 and last == OWNER
    return bool(rest) or not first.startswith((".source", f"{DATABASE}-"))


def artifact_folder(path: str, files: Files) -> str:
    """The folder of outputs, `<component>/<run>`, that a file is in; empty if it is in none."""
    folder = "/".join(path.split("/")[:2])
    return folder if f"{folder}/{MANIFEST}" in files else ""


def on_demand(path: str, files: Files) -> bool:
    """Whether a file is fetched only when it is read. Of outputs, the manifest alone is fetched at once."""
    folder = artifact_folder(path, files)
    return path != f"{folder}/{MANIFEST}" if folder else path.split("/")[0] in ON_DEMAND


def was_deleted(root: Path, path: str, files: Files, present: Collection[str]) -> bool:
    """Whether a command deleted a file that is not in the local copy. Else it was never fetched.

    `present`: the files that were in the copy when the command began, or were published since.
    """
    manifest = f"{artifact_folder(path, files)}/{MANIFEST}"
    return path in present or (manifest in present and not (root / manifest).is_file())


def walk(root: Path, below: str = "") -> Iterator[str]:
    """Yields the published files of a local copy, or of one folder of it, in a fixed order."""
    for folder, folders, names in os.walk(root / below):
        below = Path(folder).relative_to(root).as_posix()
        start = "" if below == "." else f"{below}/"
        folders[:] = sorted(name for name in folders if not (not start and name in _OWN))
        for name in sorted(names):
            if is_published(f"{start}{name}") and not Path(folder, name).is_symlink():
                yield f"{start}{name}"


def signature(root: Path, path: str) -> Signature:
    """Returns the signature of a file. That of the database includes its log."""
    names = [path, f"{path}-wal"] if path == DATABASE else [path]
    found = [(root / name).stat() for name in names if (root / name).is_file()]
    return [part for s in found for part in (s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)]


def content(root: Path, path: str, scratch: Path) -> tuple[str, Path]:
    """Returns the SHA-256 of a file, and a file with exactly this content: a copy if the file may change."""
    if path == DATABASE:
        source = _snapshot(root, scratch)
    elif path.split("/")[0] in _CHANGING or "/" not in path:
        source = scratch / path.replace("/", "-")
        shutil.copyfile(root / path, source)
    else:
        source = root / path
    return sha256_file(source), source


def _snapshot(root: Path, scratch: Path) -> Path:
    """Copies the database with everything that is committed, into one file.

    Another program copies: if this process opened and closed the file, it would lose the locks of its own store.
    """
    target = scratch / DATABASE
    log = scratch / f"{DATABASE}-wal"
    for old in (target, log):
        old.unlink(missing_ok=True)
    with file_lock(root / f".{DATABASE}.lock"):
        names = [name for name in (DATABASE, f"{DATABASE}-wal") if (root / name).is_file()]
        subprocess.run(["cp", *(str(root / name) for name in names), str(scratch)], check=True)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return target
