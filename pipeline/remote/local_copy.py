"""The local copy of a remote pipeline root. Commands work in it as in any pipeline root.

<cache>/roots/<bucket>-<digest>/
  root/         the pipeline root
  state.json    the manifest of the last update, and the digests of the files
  lock          held by the process of this host that changes it
  incoming/     files on their way in or out, in a folder for each process
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path

import psutil

from pipeline.core.artifact import sha256_file
from pipeline.core.errors import ConfigError
from pipeline.remote.head import Head
from pipeline.remote.manifest import read_manifest
from pipeline.remote.store.bucket import Bucket
from pipeline.remote.store.failures import StoreError
from pipeline.remote.tree import DATABASE, Files, Seen, on_demand, signature, walk
from pipeline.storage.locks import file_lock, lock_if_free

AT_ONCE = 8
"""The number of files that are transferred at the same time."""


@dataclass
class State:
    """What the local copy was made from."""

    id: str = ""
    """The id of the root."""
    manifest: str = ""
    pending: str = ""
    """The manifest that this host was about to publish. After a kill it is not known whether it did."""
    fetching: bool = False
    """Whether files are being replaced. After a kill the copy is a mixture."""
    seen: Seen = field(default_factory=dict)


class LocalCopy:
    """The local copy in a folder."""

    def __init__(self, folder: Path, bucket: Bucket) -> None:
        """Creates the folder."""
        self.folder, self.bucket = folder, bucket
        self.root, self.incoming = folder / "root", folder / "incoming" / str(os.getpid())
        for path in (self.root, self.incoming):
            path.mkdir(parents=True, exist_ok=True)
        self._state = folder / "state.json"
        self.state = State(**json.loads(self._state.read_bytes())) if self._state.is_file() else State()
        self.files: Files = {}

    def locked(self, waiting: Callable[[str], None]) -> AbstractContextManager[None]:
        """Lets no other process of this host change the copy during the block."""
        return file_lock(self.folder / "lock", waiting)

    def locked_if_free(self) -> AbstractContextManager[bool]:
        """The same, without waiting. Yields whether no other process has the lock."""
        return lock_if_free(self.folder / "lock")

    def clear(self) -> None:
        """Deletes the files that were on their way, of this process and of dead ones."""
        for path in self.incoming.parent.glob("*"):
            if path == self.incoming or not (path.name.isdecimal() and psutil.pid_exists(int(path.name))):
                shutil.rmtree(path, ignore_errors=True)

    def forget(self) -> None:
        """Forgets the digests of files that are gone."""
        self.save(seen={path: seen for path, seen in self.state.seen.items() if (self.root / path).is_file()})

    def save(self, **changes: object) -> None:
        """Writes the state, with changes."""
        for name, value in changes.items():
            setattr(self.state, name, value)
        new = self._state.with_suffix(".new")
        new.write_text(json.dumps(asdict(self.state)), encoding="utf-8")
        new.replace(self._state)

    def update(self, head: Head | None, reads: tuple[str, ...]) -> None:
        """Makes the copy equal to the root, if another host has published since. Else it keeps what is new here.

        Files that are missing here are fetched again: something else than a command deleted them. `head`: None if the
        root does not exist; `reads`: folders that are fetched completely; `*`: everything.
        """
        behind = self.behind(head)
        self.look_up(head)
        if head is None:
            return
        wanted = {p for p in self.files if not on_demand(p, self.files) or "*" in reads or p.split("/")[0] in reads}
        if behind:
            self.save(id=head.id, fetching=True)
            self.replace(wanted)
        self.fetch(path for path in wanted if not (self.root / path).is_file())
        self.save(id=head.id, manifest=head.manifest, pending="", fetching=False)

    def behind(self, head: Head | None) -> bool:
        """Whether another host has published since, or the copy is a mixture. Raises ConfigError for another root."""
        if self.state.id not in ("", head.id if head else ""):
            raise ConfigError(
                f"--pipeline_root={self.bucket.place} was deleted{' and made again' if head else ''}, and its local "
                f"copy still has files: delete {self.folder}, or choose another --pipeline_root"
            )
        known = (self.state.manifest, self.state.pending)
        return head is not None and (head.manifest not in known or self.state.fetching)

    def look_up(self, head: Head | None) -> None:
        """Reads which files the root has, and changes nothing here."""
        self.files = read_manifest(self.bucket, head.manifest, self.incoming) if head else {}

    def replace(self, wanted: Collection[str], folder: str = "") -> None:
        """Makes `wanted` equal to the root, and deletes every other file of a folder that differs from it.

        A server reads `CURRENT` at any time. So it is never missing, and the version that it names is there before it:
        files are replaced in one step, and deeper ones first.
        """
        differ = [p for p in walk(self.root, folder) if p not in self.files or self.digest(p) != self.files[p].sha256]
        kept = {path for path in differ if path in wanted and path != DATABASE}
        for path in differ:
            if path not in kept:
                self._remove(path)
        missing = (path for path in wanted if path in kept or not (self.root / path).is_file())
        for _, together in groupby(sorted(missing, key=_depth), _depth):
            self.fetch(together)

    def _remove(self, path: str) -> None:
        names = [f"{path}{end}" for end in ("-wal", "-shm", "")] if path == DATABASE else [path]
        for name in names:
            (self.root / name).unlink(missing_ok=True)
        parent = (self.root / path).parent
        while parent != self.root and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent

    def digest(self, path: str) -> str:
        """Returns the SHA-256 of a file; that of the database is known only if it is unchanged since it was seen."""
        before, sha256 = self.state.seen.get(path, ([], ""))
        now = signature(self.root, path)
        if before == now or path == DATABASE:
            return sha256 if before == now else ""
        sha256 = sha256_file(self.root / path)
        self.state.seen[path] = (now, sha256)
        return sha256

    def fetch(self, paths: Iterable[str]) -> None:
        """Fetches files, each content once."""
        by_content: dict[str, list[str]] = {}
        for path in paths:
            by_content.setdefault(self.files[path].sha256, []).append(path)
        if not by_content:
            return
        wanted = by_content.keys()
        here = {s.sha256: p for p, s in self.files.items() if s.sha256 in wanted and (self.root / p).is_file()}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(partial(self._fetch_one, here), by_content.items()):
                pass

    def _fetch_one(self, here: dict[str, str], item: tuple[str, list[str]]) -> None:
        sha256, paths = item
        stored = self.files[paths[0]]
        new = self.incoming / sha256
        here_already = sha256 in here and self._copied(here[sha256], new, sha256)
        if not here_already and self.bucket.download(stored.key, new) != sha256:
            raise StoreError(
                f"{self.bucket.place}: the object {stored.key} is damaged: it is not the content of {paths[0]}; "
                "restore it, or choose another --pipeline_root"
            )
        for number, path in enumerate(paths, start=1):
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if number < len(paths):
                shutil.copyfile(new, again := self.incoming / f"{sha256}.{number}")
                again.replace(target)
            else:
                new.replace(target)
            self.state.seen[path] = (signature(self.root, path), sha256)

    def _copied(self, path: str, target: Path, sha256: str) -> bool:
        """Copies a file of this host with the same content. Returns whether it still has it."""
        shutil.copyfile(self.root / path, target)
        return sha256_file(target) == sha256


def _depth(path: str) -> int:
    return -path.count("/")
