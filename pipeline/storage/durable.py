"""Durable writes: after a crash of the process or the machine, a file is complete or does not exist."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.core.errors import PipelineError


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


def share(directory: Path, *more: Path) -> None:
    """Gives a directory and everything in it the permissions that the umask allows. Libraries give them fewer.

    With umask 002, a group can then work in one pipeline root. `more`: single paths. Files of other users stay as is.
    """
    umask = os.umask(0o077)
    os.umask(umask)
    for path in [*directory.rglob("*"), directory, *more]:
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        wanted = mode | ((0o777 if mode & 0o100 else 0o666) & ~umask)
        if wanted != mode:
            with suppress(PermissionError):
                path.chmod(wanted)


def full_disk(root: Path) -> PipelineError:
    """Returns the error for a full disk, with the number of bytes that are free."""
    free = shutil.disk_usage(root).free
    return PipelineError(
        f"no space left on the disk of {root} ({free:,} bytes free); free some space, or choose another --pipeline_root"
    )


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
