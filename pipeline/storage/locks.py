"""Locks between processes. The kernel releases a lock when the process that holds it dies."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def file_lock(path: Path, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the lock file `path` during the block, and creates the file if it does not exist.

    `waiting`: called once with the name of the holding process if the lock is taken. With `waiting` set, this process
    also writes its own name into the lock. None: for locks that are held only briefly, to save that write.
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
            _write_holder(file)
        yield


@contextmanager
def lock_if_free(path: Path, create: bool = True) -> Iterator[bool]:
    """Holds the lock file `path` during the block if it is free. Yields whether it holds the lock. Does not wait.

    `create` False: writes nothing. A lock file that does not exist is free.
    """
    if not create and not path.exists():
        yield True
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+" if create else "r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        if create:
            _write_holder(file)
        yield True


def _write_holder(file: TextIO) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"process {os.getpid()} on {socket.gethostname()}")
    file.flush()
