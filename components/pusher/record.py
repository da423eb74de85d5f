"""Reads pushes and rollbacks from the recorded executions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.core.records import ExecutionRecord, MetadataStore, all_recent, executions_making
from schemas.artifacts.model import PushedModel
from schemas.artifacts.serving_dir import ModelDir, served

ROLLBACK = "Rollback"
"""The type of execution that a rollback is recorded as."""


LOOKED_AT = 50
"""Number of last pushes and rollbacks to search for the version in use."""


@dataclass(frozen=True)
class Push:
    """A push of a model, or the finding that the same model had been pushed before."""

    served_as: str
    version: int
    destination: str
    """The folder of the version, relative to the pipeline root."""
    run_id: str
    artifact_id: int
    """The id of the PushedModel."""


def pushes(executions: Iterable[ExecutionRecord]) -> Iterator[Push]:
    """Yields the pushes among the executions of a Pusher, in the same order."""
    for execution in executions:
        record = execution.outputs.get("pushed_model")
        if record is not None and record.properties.get("pushed") == 1:
            yield Push(
                str(record.properties["pushed_name"]),
                int(record.properties["pushed_version"]),
                str(record.properties["pushed_destination"]),
                execution.run_id,
                record.id,
            )


def in_use(root: Path, store: MetadataStore) -> dict[str, str]:
    """Returns, by run id, a text about the version that the run pushed and that is in use now.

    `root`: the pipeline root. Searches the folders that the last runs pushed to.
    """
    known = list(pushes(islice(executions_making(store, PushedModel.TYPE_NAME), LOOKED_AT)))
    rollbacks = list(islice(all_recent(store, ROLLBACK), LOOKED_AT))
    marks: dict[str, str] = {}
    for folder in {root / Path(push.destination).parents[1]: None for push in known}:
        for model in served(folder):
            directory = ModelDir(folder / model)
            if run_id := _pushed_by(directory, root, known):
                marks[run_id] = _words(directory, rollbacks)
    return marks


def _pushed_by(directory: ModelDir, root: Path, known: list[Push]) -> str | None:
    """Returns the run that pushed the version in use: from its files, or from the record if they are missing."""
    current = directory.current()
    version = directory.versions().get(current or 0)
    pushed = [push.run_id for push in known if root / push.destination == directory.path / str(current)]
    return version.run_id if version else pushed[-1] if pushed else None


def _words(directory: ModelDir, rollbacks: list[ExecutionRecord]) -> str:
    current = directory.current()
    text = f"in use: {directory.name} version {current}"
    if why := directory.unusable():
        return f"{text}, but {why}; run the pipeline again, or `rollback` to another version"
    last = next((r.properties for r in rollbacks if r.properties["served_as"] == directory.name), None)
    if last and last["version"] == current:
        text += f", instead of {last['before']} since {last['when']} by {last['who']}: {last['why']}"
    return text
