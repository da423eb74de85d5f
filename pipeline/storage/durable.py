"""Durable writes: after a crash of the process or the machine, a file is complete or does not exist."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def fsync(path: Path) -> None:
    """Waits until a file or a directory is on disk, not only in the cache of the operating system."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(directory: Path) -> None:
    """Waits until a directory and everything in it is on disk."""
    for path in [*directory.rglob("*"), directory]:
        fsync(path)


@contextmanager
def replacing(path: Path, text: str) -> Iterator[None]:
    """Replaces the content of `path` with `text` in one step, after the block. If the block fails, nothing changes.

    The new content is on disk before the block begins, so that only a rename is left to do after it.
    """
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    fsync(new)
    try:
        yield
        new.replace(path)
        fsync(path.parent)
    finally:
        new.unlink(missing_ok=True)
