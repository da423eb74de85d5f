"""Files that are there whole or not at all, whatever happens to the process or the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def fsync(path: Path) -> None:
    """Makes a file or a directory safe on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(directory: Path) -> None:
    """Makes a directory and all that is in it safe on disk."""
    for path in [*directory.rglob("*"), directory]:
        fsync(path)


@contextmanager
def replacing(path: Path, text: str) -> Iterator[None]:
    """Gives `path` the content `text` in one step at the end of the block; if the block fails, it stays as it was.

    The new content is safe on disk before the block begins: what could fail has been done by then.
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
