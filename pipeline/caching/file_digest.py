"""Digests of source files. A file that has not changed is read once per process."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_seen: dict[Path, tuple[tuple[int, ...], str]] = {}
"""Digests of files, each with the size, inode and times that the file had. None of these is believed alone."""

SETTLED = 10**9
"""Nanoseconds after which a further change has another time: clocks of file systems tick a hundred times a second."""


def file_digest(path: Path) -> str:
    """The sha256 hex of a file, which is read again if anything about it differs, or has only just been changed."""
    about = path.stat()
    state = (about.st_size, about.st_ino, about.st_mtime_ns, about.st_ctime_ns)
    known, digest = _seen.get(path, ((), ""))
    if known == state:
        return digest
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if time.time_ns() - about.st_ctime_ns > SETTLED:
        _seen[path] = state, digest
    return digest


def project_files(root: Path, patterns: Sequence[str]) -> dict[str, str]:
    """The sha256 hex of every file that matches one of `patterns`, by its path from `root`."""
    paths = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return {path.relative_to(root).as_posix(): file_digest(path) for path in sorted(paths)}


def project_digest(files: Mapping[str, str]) -> str:
    """The sha256 hex over the paths and bytes of all of these."""
    lines = [f"{name}\0{digest}\n" for name, digest in files.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
