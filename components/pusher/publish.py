"""Publishes a version of a model: complete or not at all, never changed afterwards, and never twice."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from components.pusher.current_version import locked, pointing_to
from components.shared.pushes import Push
from pipeline.core.artifact import sha256_file
from pipeline.storage.durable import fsync, fsync_tree
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.encode import write
from schemas.contracts.push import Version

STAGING = ".staging"
"""The folder to write a version to before it gets its number. Servers only read folders whose name is a number."""

RECENT = 50
"""The highest number is among this many last pushes, because numbers rise, even with several processes at once."""


@dataclass(frozen=True)
class Pushed:
    """The result of a push."""

    version: int | None
    """The version that is the model; None if it was held back."""
    new: bool
    """Whether the version is new."""
    current: int | None
    """The version in use now."""
    held: str = ""
    """Why the model was held back; empty if it was not."""


def push(directory: ModelDir, serving: Path, about: Version, hold: Callable[[Version | None], str],
         recorded: Callable[[], Iterator[Push]], log: Callable[[str], None]) -> Pushed:  # fmt: skip
    """Copies the SavedModel `serving` to a new version, and makes it the version in use.

    `about`: describes the version; its number and files are filled in here. `hold`: returns why the model does not
    replace the version in use. `recorded`: returns the recorded pushes, newest first.

    A model that has been pushed is not copied again. It becomes the version in use only if the version in use cannot be
    served, or if its push was not recorded because the process was killed. Otherwise a user chose another version.
    """
    with locked(directory, log):
        shutil.rmtree(directory.path / STAGING, ignore_errors=True)  # left by a killed process: we hold the lock
        version = _same(directory, about)
        known = (push.version for push in recorded() if push.served_as == directory.name)
        if version is None:
            if reason := hold(_usable(directory)):
                return Pushed(None, False, directory.current(), reason)
            number = 1 + max([0, *directory.numbers(), *islice(known, RECENT)])
            _log_foreign(directory, log)
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
    """Returns the highest complete version that is the same model: the same weights in the same graph."""
    same = [n for n, version in directory.versions().items() if _identity(version) == _identity(about)]
    return next((number for number in reversed(same) if directory.damage(number) is None), None)


def _identity(version: Version) -> tuple[str, str]:
    return (version.weights_sha256, version.graph_sha256) if version.graph_sha256 else (version.model_digest, "")


def _usable(directory: ModelDir) -> Version | None:
    """Returns the version in use, or None if none can be served."""
    current = directory.current()
    return None if current is None or directory.unusable() else directory.versions()[current]


def _log_foreign(directory: ModelDir, log: Callable[[str], None]) -> None:
    if foreign := directory.foreign():
        log(f"{directory.path} also contains {', '.join(foreign)}, which Refit did not push and never overwrites")


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
    with pointing_to(directory, version):
        pass
