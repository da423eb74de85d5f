"""The files of the log of requests. Light to import.

<folder>/<model>/<start>-<process>-<number>.jsonl      lines of LoggedText that a server appends to
<folder>/<model>/<start>-<process>-<number>.jsonl.gz   the same, complete

`start` is a time in UTC, so that names sort by time. All lines of a file are of one day.
"""

import fcntl
import gzip
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from pipeline.storage.durable import fsync

OPEN = ".jsonl"

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{6}-\d+-\d+\.jsonl(\.gz)?")

_NUMBERS = count()
"""The numbers of the files that this process creates."""


def day_of(path: Path) -> str:
    """Returns the day of the lines of a file, such as 2026-11-28."""
    return path.name[:10]


def segments(folder: Path) -> list[Path]:
    """Returns the files of a model's log, oldest first. Of a file that was just compressed, only the complete one."""
    found = {path.name: path for path in folder.glob("*") if _NAME.fullmatch(path.name)}
    return [path for name, path in sorted(found.items()) if f"{name}.gz" not in found]


def open_segment(folder: Path, start: datetime) -> int:
    """Creates a file and locks it, so that other processes see that it is in use. Returns its descriptor."""
    for number in _NUMBERS:
        path = folder / f"{start:%Y-%m-%dT%H%M%S}-{os.getpid()}-{number:06d}{OPEN}"
        if not path.with_name(f"{path.name}.gz").exists() and (descriptor := _create(path)) is not None:
            return descriptor
    raise AssertionError("the numbers do not end")


def _create(path: Path) -> int | None:
    """Creates a file. None if another process has one of this name, or has taken it for that of a killed server."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
    except FileExistsError:  # processes in two containers may have the same number
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


@contextmanager
def _unused(path: Path) -> Iterator[bool]:
    """Locks a file during the block unless a server appends to it. Yields whether it is locked."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def compress(path: Path) -> None:
    """Replaces a file that no server appends to by its complete form, in one step. Leaves out half a line at its end.

    Raises OSError, and nothing has changed then.
    """
    with suppress(FileNotFoundError), _unused(path) as unused:  # another process may compress it, too
        if not unused:
            return
        half = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            content = path.read_bytes()
            with gzip.open(half, "wb", compresslevel=6) as file:
                file.write(content[: content.rfind(b"\n") + 1])
            fsync(half)
            half.replace(path.with_name(f"{path.name}.gz"))
            fsync(path.parent)
            path.unlink(missing_ok=True)
        finally:
            half.unlink(missing_ok=True)


def shrink(folder: Path, most: int) -> None:
    """Deletes the oldest files that no server appends to until all have at most `most` bytes. Raises OSError."""
    sizes = {}
    for path in segments(folder):
        with suppress(FileNotFoundError):
            sizes[path] = path.stat().st_size
    total = sum(sizes.values())
    for path, size in sizes.items():
        if total <= most:
            return
        with suppress(FileNotFoundError), _unused(path) as unused:
            if unused:
                path.unlink()
                total -= size
