"""A version appears whole or not at all, is never written to again, and nothing appears twice."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from components.pusher.alias import alone, pointing
from components.pusher.record import Push
from pipeline.core.artifact import sha256_file
from pipeline.storage.durable import fsync, fsync_tree
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.encode import write
from schemas.contracts.push import Version

STAGING = ".staging"
"""Where a version is written before it gets its number. Servers look at numbers only."""

RECENT = 50
"""Numbers rise with every push; among the last so many pushes is the highest, however many processes pushed at once."""


@dataclass(frozen=True)
class Pushed:
    """What came of a push."""

    version: int
    new: bool
    """Whether it was not there before."""
    current: int
    """The version in use now."""


def push(directory: ModelDir, serving: Path, about: Version, recorded: Callable[[], Iterator[Push]],
         log: Callable[[str], None]) -> Pushed:  # fmt: skip
    """Copies the SavedModel `serving` to a version of its own and makes that the one in use.

    `about`: what it is; number and files are filled in. `recorded`: the pushes on record, newest first.

    A model that is there already is not copied again, and taken into use only if nothing usable is, or if its push is
    not on record: then it was killed on the way. Else somebody took another version into use on purpose.
    """
    with alone(directory, log):
        shutil.rmtree(directory.path / STAGING, ignore_errors=True)  # of a process that was killed: the lock is ours
        version = _same(directory, about)
        known = (push.version for push in recorded() if push.served_as == directory.name)
        if version is None:
            number = 1 + max([0, *directory.numbers(), *islice(known, RECENT)])
            _tell_foreign(directory, log)
            try:
                _publish(directory, serving, replace(about, version=number))
            finally:
                shutil.rmtree(directory.path / STAGING, ignore_errors=True)
            _use(directory, number)
            return Pushed(number, True, number)
        if directory.unusable() or version not in known:
            _use(directory, version)
        return Pushed(version, False, directory.current() or version)


def _same(directory: ModelDir, about: Version) -> int | None:
    """The highest whole version that is the same model."""
    same = [n for n, version in directory.versions().items() if version.model_digest == about.model_digest]
    return next((number for number in reversed(same) if directory.damage(number) is None), None)


def _tell_foreign(directory: ModelDir, log: Callable[[str], None]) -> None:
    if foreign := directory.foreign():
        log(
            f"{directory.path} also holds {', '.join(foreign)}, which Refit did not push: left alone, never overwritten"
        )


def _publish(directory: ModelDir, serving: Path, about: Version) -> None:
    staging = directory.path / STAGING
    files = {}
    for source in sorted(path for path in serving.rglob("*") if path.is_file()):
        name = source.relative_to(serving).as_posix()
        target = staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        files[name] = sha256_file(target)
    write(staging / about.FILE, replace(about, files=files))
    fsync_tree(staging)
    staging.rename(directory.path / str(about.version))
    for folder in (directory.path, directory.path.parent):
        fsync(folder)


def _use(directory: ModelDir, version: int) -> None:
    with pointing(directory, version):
        pass
