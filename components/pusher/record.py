"""Reads pushes and rollbacks from the recorded executions."""

from itertools import islice
from pathlib import Path

from components.shared.model_history import is_best_so_far
from components.shared.pushes import ROLLBACK, Push, push_in_use, pushes
from pipeline.core.records import ExecutionRecord, MetadataStore, all_recent, executions_making
from schemas.artifacts.model import PushedModel
from schemas.artifacts.serving_dir import ModelDir, served

LOOKED_AT = 50
"""Number of last pushes and rollbacks to search for the version in use."""

EXECUTIONS = 1000
"""Number of last executions of the Pusher among which these pushes are searched: most of them may push nothing."""


def in_use(root: Path, store: MetadataStore) -> dict[str, str]:
    """Returns, by run id, a text about the version that the run pushed: that it is in use, or the best so far.

    `root`: the pipeline root. Searches the folders that the last runs pushed to.
    """
    recent = islice(executions_making(store, PushedModel.TYPE_NAME), EXECUTIONS)
    known = list(islice(pushes(recent), LOOKED_AT))
    rollbacks = list(islice(all_recent(store, ROLLBACK), LOOKED_AT))
    marks: dict[str, str] = {}
    for folder in {root / Path(push.destination).parents[1]: None for push in known}:
        for model in served(folder):
            directory = ModelDir(folder / model)
            if run_id := _pushed_by(directory, root, known):
                marks[run_id] = _words(directory, rollbacks)
    for push in {push.served_as: push_in_use(store, push.served_as) for push in known}.values():
        best = _best(store, push, known) if push else None
        if push and best and best.version != push.version:
            marks[best.run_id] = f"best so far in use: {best.served_as} version {best.version}"
    return marks


def _best(store: MetadataStore, push: Push, known: list[Push]) -> Push | None:
    """Returns the push of the best model so far, by the evaluation of the model in use."""
    evaluator = store.producer(push.execution.inputs["blessing"])
    model = push.execution.inputs["model"]
    if evaluator and not is_best_so_far(evaluator):
        model = evaluator.inputs.get("best", evaluator.inputs.get("baseline", model))
    return next((other for other in known if other.execution.inputs["model"] == model), None)


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
