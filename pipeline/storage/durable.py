"""Durable writes: after a crash of the process or the machine, a file is complete or does not exist."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.core.errors import PipelineError, WorkspaceError


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


def no_access(place: str, error: OSError) -> WorkspaceError:
    """Returns the error for a place that this user cannot write or read. `place`: with its kind, `the file x`."""
    choose = "choose another one with --pipeline_root"
    if error.errno == errno.EROFS:
        return WorkspaceError(f"{place} cannot be written: {error.strerror}; {choose}, or make the disk writable")
    fix = "run the command as its owner, or let its group write (chmod -R g+w)"
    return WorkspaceError(f"{place} cannot be written: {error.strerror or error}; {choose}, {fix}")


@contextmanager
def disk_errors(root: Path, begun: bool = False) -> Iterator[None]:
    """Turns a full disk, or a file that this user cannot access, into an error that names the fix.

    `begun`: whether a run has begun. Exit code 2 is only for errors before that.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full_disk(root) from error
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS) or not isinstance(error.filename, str):
            raise
        if Path(error.filename).is_relative_to(root):
            refused = no_access(f"{error.filename} in the pipeline root", error)
            raise (PipelineError(str(refused)) if begun else refused) from error
        raise PipelineError(
            f"{error.filename}: {error.strerror}; run the command as a user who can use it, or change its permissions"
        ) from error


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
