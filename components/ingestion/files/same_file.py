"""Finds files that have several names: links, hard links, or links to a folder. Light to import."""

import os
from collections.abc import Iterable

from components.ingestion.files.pattern import SourceFile


def read_once(files: Iterable[tuple[SourceFile, str]]) -> list[tuple[SourceFile, str, tuple[str, ...]]]:
    """Returns each file of a split once, and its other names. A name without a link comes first, then letters decide.

    `files`: files with their splits. A file that is in two splits stays in both.
    """
    given = list(files)
    groups: dict[tuple[str, tuple[object, ...]], list[SourceFile]] = {}
    for file, split in given:
        groups.setdefault((split, _identity(file)), []).append(file)
    others: dict[tuple[SourceFile, str], tuple[str, ...]] = {}
    for (split, _), group in groups.items():
        best, *also = sorted(group, key=_rank) if group[1:] else group
        others[best, split] = tuple(file.name for file in also)
    return [(file, split, others[file, split]) for file, split in given if (file, split) in others]


def _rank(file: SourceFile) -> tuple[bool, str]:
    return _is_linked(file), file.name


def _identity(file: SourceFile) -> tuple[object, ...]:
    try:
        status = file.path.stat()
    except OSError:  # it has just been deleted; reading it will fail
        return (file.path,)
    return (status.st_dev, status.st_ino) if status.st_ino else (file.path,)


def _is_linked(file: SourceFile) -> bool:
    """Whether its name below the pattern's fixed folder contains a link."""
    base = str(file.path)[: -len(file.name)]
    return os.path.realpath(file.path) != os.path.join(os.path.realpath(base), file.name)  # noqa: PTH118
