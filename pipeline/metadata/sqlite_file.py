"""Creates the metadata file, and copies it for a command that reads it while another process writes."""

import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.metadata.retry import MetadataError, failure

TRIES = 20
"""How often a copy is repeated because the file changed, with pauses of 0.05 s."""

State = tuple[tuple[int, ...], ...]
"""Inode, size and time of each file of a database."""


_copies: dict[Path, tuple[State, tempfile.TemporaryDirectory[str]]] = {}
"""The last copy of each file, in a directory that is deleted when this process ends."""


def create(place: Path) -> None:
    """Creates an empty database if there is none. Raises MetadataError if this user cannot write to it.

    It is created before ML Metadata opens it. A process with two SQLite libraries loses data if one closes a file that
    the other has open: this releases the locks of the other.
    """
    if not place.exists():
        place.touch()  # with the permissions that the umask allows, which SQLite does not give
    if not os.access(place, os.W_OK):
        raise MetadataError(
            f"the metadata database {place} cannot be written by this user; "
            f"let the group write (chmod g+w), or choose another --pipeline_root"
        )
    if place.stat().st_size:
        return
    try:
        connection = sqlite3.connect(place)
        connection.execute("PRAGMA journal_mode=WAL")  # allows reads while another process writes
        connection.close()
    except sqlite3.Error as error:
        raise failure(place, error) from error


def copy_of(place: Path) -> Path:
    """Returns a copy of the database as it is now. Raises MetadataError if it cannot be read."""
    state = state_of(place)
    if place not in _copies or _copies[place][0] != state:
        directory = tempfile.TemporaryDirectory(prefix="refit-metadata-")
        _copy(place, Path(directory.name))
        _copies[place] = state, directory
    return Path(_copies[place][1].name) / place.name


def is_complete(place: Path) -> bool:
    """Whether the file can be read and has the whole database: nothing is in the log that is not in the file."""
    file, log = map(_stat, _files(place))
    return bool(file and file.st_size and not (log and log.st_size) and os.access(place, os.R_OK))


def state_of(place: Path) -> State:
    """Returns the state of the database. If it is unchanged, so is the content."""
    found = map(_stat, _files(place))
    return tuple(() if s is None else (s.st_ino, s.st_size, s.st_mtime_ns) for s in found)


def _stat(path: Path) -> os.stat_result | None:
    """Returns what is known of a file, or None if there is none. To ask first would fail if it vanished in between."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _copy(place: Path, directory: Path) -> None:
    """Copies the database to `directory` as of one moment. Writes nothing next to the original."""
    try:
        for _ in range(TRIES):
            with _no_writer(place):
                before = state_of(place)
                for path in _files(place):
                    target = directory / path.name
                    target.unlink(missing_ok=True)
                    # A process that ends moves the log into the file and deletes it, without the lock.
                    with suppress(FileNotFoundError):
                        shutil.copyfile(path, target)
                if before[0] and state_of(place) == before:
                    return
            time.sleep(0.05)
    except OSError as error:
        raise MetadataError(f"the metadata database {place} cannot be read: {error.strerror or error}") from error
    raise MetadataError(f"the metadata database {place} changes all the time; try again later")


def _files(place: Path) -> list[Path]:
    """The file and its log. The log has what was not moved into the file yet."""
    return [place, place.with_name(f"{place.name}-wal")]


@contextmanager
def _no_writer(place: Path) -> Iterator[None]:
    """Waits for a process that writes, if its lock file exists and can be read."""
    lock = place.with_name(f".{place.name}.lock")
    try:
        file = lock.open("rb")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
