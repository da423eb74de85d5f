"""Finds the paths that match wildcards, without an end even where links form a loop, and checks what they are."""

import fnmatch
import glob
import os
import shlex
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.core.errors import ConfigError

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def matching_paths(pattern: str) -> Iterator[str]:
    """Yields the paths that match an absolute pattern, as `glob.glob` does, each once.

    `**` enters each folder once, whatever links lead to it. Raises ConfigError if a folder cannot be read.
    """
    first, *parts = Path(pattern).parts
    return iter(dict.fromkeys(_matching(first, parts)))


def _matching(folder: str, parts: Sequence[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**" and rest:
        for inner in _folders(folder):
            yield from _matching(inner, rest)
    elif glob.has_magic(part):
        visible = [name for name in _entries(folder) if part.startswith(".") or not name.startswith(".")]
        for name in fnmatch.filter(visible, part):
            path = os.path.join(folder, name)  # noqa: PTH118  # Path would drop what glob keeps, and is slower
            if not rest or os.path.isdir(path):  # noqa: PTH112
                yield from _matching(path, rest)
    elif os.path.lexists(path := os.path.join(folder, part)):  # noqa: PTH118
        yield from _matching(path, rest)


def _folders(top: str) -> Iterator[str]:
    """Yields a folder and all below it, each once. Links are followed last, so that a folder keeps its own name."""
    seen, real, links = set[tuple[int, int]](), deque([top]), deque[str]()
    while real or links:
        folder = (real or links).popleft()
        if not os.path.isdir(folder):  # noqa: PTH112
            continue
        found = os.stat(folder)  # noqa: PTH116
        if (found.st_dev, found.st_ino) in seen:
            continue
        seen.add((found.st_dev, found.st_ino))
        yield folder
        for name in _entries(folder):
            if not name.startswith("."):
                path = os.path.join(folder, name)  # noqa: PTH118
                (links if os.path.islink(path) else real).append(path)  # noqa: PTH114


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except NotADirectoryError:
        return []
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read: {error.strerror}; change its permissions or --source") from error


def is_data_file(found: str) -> bool:
    """Whether a path is a file that can be read; False for a folder. Raises ConfigError for everything else."""
    path = Path(found)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            what = f"is a link to {os.readlink(found)}, which cannot be followed ({error.strerror})"  # noqa: PTH115
            raise ConfigError(f"{found} {what}; delete the link, restore its target, or narrow --source") from error
        raise ConfigError(f"{found} cannot be read: {error.strerror}; correct --source") from error
    if stat.S_ISDIR(mode):
        return False
    if kind := next((kind for test, kind in _KINDS if test(mode)), None):
        raise ConfigError(
            f"{found} is {kind}, not a file, and Refit reads its input more than once; write the data into a file, "
            f"such as `cat {shlex.quote(found)} > data.csv`, and name that with --source"
        )
    if not os.access(found, os.R_OK):
        raise ConfigError(f"{found} cannot be read: permission denied; `chmod +r {shlex.quote(found)}`")
    return True
