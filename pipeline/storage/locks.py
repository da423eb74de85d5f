"""Locks between processes that the kernel lets go of when their holder dies."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def file_lock(path: Path, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the lock `path`, which is made if it is not there. `waiting` is told who holds it, once, if it is taken.

    Whoever would be told of a holder signs as one. A lock that is held for a moment, a hundred times a run, is not told
    of: there `waiting` is None.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                file.seek(0)
                waiting(file.read().strip() or "another process")
            fcntl.flock(file, fcntl.LOCK_EX)
        if waiting:
            _sign(file)
        yield


@contextmanager
def lock_if_free(path: Path) -> Iterator[bool]:
    """Holds the lock `path` if nobody does, and tells whether it is held; waits for nobody."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        _sign(file)
        yield True


def _sign(file: TextIO) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"process {os.getpid()} on {socket.gethostname()}")
    file.flush()
