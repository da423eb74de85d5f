"""A command on a remote pipeline root: fetches what it needs, lends the local copy, and publishes what has changed."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.errors import ConfigError, PipelineError
from pipeline.remote.head import Register
from pipeline.remote.lease import Lease
from pipeline.remote.local_copy import LocalCopy
from pipeline.remote.publish import Publisher, sweep
from pipeline.remote.store.bucket import Bucket
from pipeline.remote.store.failures import MissingError, StoreError
from pipeline.remote.store.place import RemotePlace
from pipeline.remote.tree import artifact_folder, walk
from pipeline.storage.manifest import MANIFEST
from pipeline.storage.staging import OWNER

Say = Callable[[str], None]

TRIES = 5
"""How often a reader starts again because another host has published, and deleted the old files, during its reads."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a command uses a remote root."""

    writes: bool = False
    reads: tuple[str, ...] = ()
    """Folders of which it needs every file; `*`: all. Without them it fetches outputs when it reads them."""
    sweeps: bool = False
    """Whether it also deletes the objects that killed processes left behind."""


@dataclass
class _Open:
    copy: LocalCopy
    publisher: Publisher | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_open: dict[Path, _Open] = {}
"""The remote roots that this process uses, by the folder of the local copy."""


@contextmanager
def opened(place: RemotePlace, access: Access, say: Say) -> Iterator[None]:
    """Lends the local copy during the block, up to date. If the command writes, publishes the copy at its end.

    Raises ConfigError if the root cannot be used, before the block begins.
    """
    with _writing(place, access, say) if access.writes else _reading(place, access):
        yield


def publish(root: Path) -> None:
    """Publishes what has changed in a local copy that is open for writing. Raises StoreError and LostError."""
    if (found := _open.get(root)) and found.publisher:
        found.publisher.publish()


def fetch(root: Path, path: Path) -> None:
    """Fetches a file or folder of a remote root into its local copy, unless it is there."""
    found = _open.get(root)
    if found is None or not path.is_relative_to(root):
        return
    copy, name = found.copy, path.relative_to(root).as_posix()
    with found.lock:
        below = [p for p in copy.files if p == name or p.startswith(f"{name}/")]
        copy.fetch(p for p in below if not (root / p).is_file() and not _deleted(copy, p))


def _deleted(copy: LocalCopy, path: str) -> bool:
    """Whether this command has deleted the outputs that a file belongs to: their manifest is always fetched."""
    folder = artifact_folder(path, copy.files)
    return bool(folder) and not (copy.root / folder / MANIFEST).is_file()


@contextmanager
def _reading(place: RemotePlace, access: Access) -> Iterator[None]:
    with _before_it_begins():
        bucket = Bucket(place)
        copy = LocalCopy(place.folder, bucket)
        with copy.locked_if_free() as free:  # else a process of this host writes, and the copy is newer than the root
            _update(copy, free, access)
    try:
        with _registered(place.root, _Open(copy)):
            yield
    finally:
        copy.clear()


def _update(copy: LocalCopy, free: bool, access: Access) -> None:
    """Updates the copy for a reader. Begins again if another host deletes the objects that it reads."""
    for number in range(1, TRIES + 1):
        found = Register(copy.bucket).read()
        head = found[0] if found else None
        try:
            if free:
                copy.update(head, access.reads)
            else:
                copy.look_up(head)
            return
        except MissingError:
            if number == TRIES:
                raise


@contextmanager
def _writing(place: RemotePlace, access: Access, say: Say) -> Iterator[None]:
    with _before_it_begins():
        bucket = Bucket(place)
        copy = LocalCopy(place.folder, bucket)
    with copy.locked(lambda holder: say(f"waiting for {holder}, which uses {place}")):
        copy = LocalCopy(place.folder, bucket)  # the state as it is now
        with _before_it_begins():
            lease = Lease.take(Register(bucket), place, lambda holder: say(f"waiting for {holder}, which uses {place}"))
        try:
            with _before_it_begins():
                copy.update(lease.head, access.reads)
                _disown(copy.root)
            publisher = Publisher(copy, lease, set(walk(copy.root)))
            with _registered(place.root, _Open(copy, publisher)):
                yield from _published(publisher, place, say)
            copy.forget()
            if access.sweeps:
                sweep(bucket, copy.files, lease.head.manifest)
        finally:
            copy.clear()
            lease.release()


def _disown(root: Path) -> None:
    """Marks all runs as left by dead processes: the lease shows that none of their processes may write any more."""
    for path in (root / ".staging").glob(f"*/{OWNER}"):
        mark = json.loads(path.read_bytes())
        mark["owner"] = {**mark["owner"], "host": socket.gethostname(), "boot_id": ""}
        path.write_text(json.dumps(mark, sort_keys=True), encoding="utf-8")


def _published(publisher: Publisher, place: RemotePlace, say: Say) -> Iterator[None]:
    """Publishes after the block, also if it fails; then its error is the one that the user sees."""
    try:
        yield
    except BaseException:
        with suppress(PipelineError, OSError):
            publisher.publish()
        raise
    try:
        publisher.publish()
    except StoreError as error:
        raise StoreError(
            f"{error}; the results are in {publisher.copy.root}, and the next run publishes them"
        ) from None
    if publisher.sent:
        say(f"published to {place}: {len(publisher.sent):,} objects, {publisher.sent_bytes / 1e6:,.1f} MB")


@contextmanager
def _registered(root: Path, found: _Open) -> Iterator[None]:
    _open[root] = found
    try:
        yield
    finally:
        del _open[root]


@contextmanager
def _before_it_begins() -> Iterator[None]:
    """Turns a failure of the store into an error of the command line: nothing has run."""
    try:
        yield
    except StoreError as error:
        raise ConfigError(str(error)) from error
