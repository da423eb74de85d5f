"""Chooses the model and the version to use from a serving folder. Light to import."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ConfigError, DataError, listed, near_match
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.push import Version

PUSH_FIRST = "run the pipeline first, or name another --serving_dir"


@dataclass(frozen=True)
class VersionDir:
    """A version that can be served."""

    path: Path
    """Its folder: a SavedModel."""
    about: Version
    """The content of its `version.json`."""


def choose_model(serving_dir: Path, name: str = "") -> ModelDir:
    """Returns the folder of the named model, or of the only one if `name` is empty.

    Raises ConfigError if `serving_dir` has no such model, or if it has several and none is named.
    """
    models = models_in(serving_dir)
    if not models:
        raise ConfigError(f"{serving_dir} has no model; {PUSH_FIRST}")
    if not name and len(models) > 1:
        raise ConfigError(f"{serving_dir} has several models: {listed(models)}; choose one with --model={models[0]}")
    if name and name not in models:
        raise ConfigError(f"{serving_dir} has no model '{name}'{near_match(name, models)}")
    return ModelDir(serving_dir / (name or models[0]))


def models_in(serving_dir: Path) -> list[str]:
    """Returns the names of the models that have a version in `serving_dir`, in order. Reads no model."""
    folders = sorted(path for path in serving_dir.glob("*") if path.is_dir())
    return [path.name for path in folders if ModelDir(path).versions()]


def open_version(directory: ModelDir, number: int | None = None) -> VersionDir:
    """Returns a version after comparing each of its files with its digest. `number`: None: the version in use.

    Raises ConfigError if there is no such version, and DataError if it is damaged.
    """
    chosen = directory.current() if number is None else number
    complete = listed([str(other) for other in directory.versions()]) or "none"
    if not directory.path.is_dir():
        raise ConfigError(f"{directory.path} is not a directory; {PUSH_FIRST}")
    if chosen is None:
        raise ConfigError(f"{directory.unusable()}; choose one of the versions: {complete}, or `rollback --to` it")
    if chosen not in directory.versions():
        raise ConfigError(f"{directory.damage(chosen)}; versions: {complete}")
    if why := directory.damage(chosen):
        raise DataError(f"{why}; push the model again, or `rollback` to another version")
    return VersionDir(directory.path / str(chosen), directory.versions()[chosen])
