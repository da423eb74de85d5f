"""What the record tells of pushes and rollbacks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.store import ExecutionRecord, MetadataStore, all_recent
from schemas.serving_dir import ModelDir

ROLLBACK = "Rollback"
"""The type of execution that a rollback is recorded as."""


@dataclass(frozen=True)
class Push:
    """One time that a model went out, or was found to be out already."""

    served_as: str
    version: int
    destination: str
    """The folder of the version, from the pipeline root."""
    run_id: str
    artifact_id: int
    """The id of the PushedModel."""


def pushes(executions: Iterable[ExecutionRecord]) -> Iterator[Push]:
    """The pushes among the executions of a Pusher, in their order."""
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
    """By run: what of the versions that it pushed is in use now, in words. `root`: the pipeline root."""
    known = list(pushes(all_recent(store, "Pusher")))
    rollbacks = list(islice(all_recent(store, ROLLBACK), 50))
    marks: dict[str, str] = {}
    for folder in {str(Path(push.destination).parent): None for push in known}:
        directory = ModelDir(root / folder)
        current = directory.current()
        pushed = [push for push in known if (root / push.destination) == directory.path / str(current)]
        if pushed:  # several, if the same model was pushed again: the oldest is the one that it came from
            marks[pushed[-1].run_id] = _words(directory, rollbacks)
    return marks


def _words(directory: ModelDir, rollbacks: list[ExecutionRecord]) -> str:
    current = directory.current()
    text = f"in use: {directory.name} version {current}"
    if why := directory.unusable():
        return f"{text}, but {why}: run the pipeline again, or `rollback` to another version"
    last = next((r.properties for r in rollbacks if r.properties["served_as"] == directory.name), None)
    if last and last["version"] == current:
        text += f", instead of {last['before']} since {last['when']} by {last['who']}: {last['why']}"
    return text
