"""Chooses the earlier models that a new one is compared with or starts from. Light to import.

The baseline is the model in use; after a rollback, the model that was rolled back to. Until a model is in use it is the
last blessed one. The best model so far is the last one in use that was significantly better than all in use before it.
A version that a rollback took out of use does not count.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from components.shared.pushes import push_in_use
from components.shared.settings import SERVED_AS
from pipeline.core.artifact import Scalar
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, executions_making, recorded_artifact
from schemas.artifacts.model import ModelBlessing

MODEL = "model"
"""The name of the Evaluator's input with the model that it blesses or not."""

DATA = "transformed"
"""The input of the calling component whose properties name the source and the span of the data."""

Inputs = Mapping[str, ArtifactRecord]


@dataclass(frozen=True)
class Judged:
    """A model, and the execution that evaluated it."""

    model: ArtifactRecord
    by: ExecutionRecord


def model_in_use(store: MetadataStore, asking: Asking, inputs: Inputs) -> ArtifactRecord | None:
    """Returns the baseline: the model in use, or the last blessed one. Never returns the candidate in `inputs`."""
    found = _baseline(store, asking, inputs, _not_later)
    return found.model if found else None


def best_in_use(store: MetadataStore, asking: Asking, inputs: Inputs) -> ArtifactRecord | None:
    """Returns the best model so far. None if it is the baseline, or the candidate itself."""
    baseline = _baseline(store, asking, inputs, _not_later)
    if baseline is None or is_best_so_far(baseline.by):
        return None
    earlier = baseline.by.inputs.get("best", baseline.by.inputs.get("baseline"))
    best = None if earlier is None else recorded_artifact(store, earlier)
    return None if best is None or best.digest in (_candidate(inputs), baseline.model.digest) else best


def model_to_continue(store: MetadataStore, asking: Asking, inputs: Inputs) -> ArtifactRecord | None:
    """Returns the model that a warm start copies: the baseline, if it is older than the data. None without warm start.

    A model of the same or a later span may be trained on examples that test or validate this span.
    """
    if asking.parameters["warm_start"] == "none":
        return None
    found = _baseline(store, asking, inputs, _earlier)
    return found.model if found else None


Fits = Callable[[Mapping[str, Scalar], Mapping[str, Scalar]], bool]
"""Whether a model may be chosen: (its properties, the properties of the data)."""


def _not_later(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    """The choice must not depend on the order in which spans were run."""
    later = int(model.get("span", -1)) > int(data.get("span", -1))
    return not (_same_source(model, data) and "span" in data and later)


def _earlier(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    earlier = "span" not in data or int(model.get("span", -1)) < int(data["span"])
    return _same_source(model, data) and earlier


def _same_source(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    return "source" not in data or model.get("source") == data["source"]


def _baseline(store: MetadataStore, asking: Asking, inputs: Inputs, fits: Fits) -> Judged | None:
    data = inputs[DATA].properties if DATA in inputs else {}
    candidate = _candidate(inputs)
    push = push_in_use(store, str(asking.parameters[SERVED_AS]))
    found = _judged_by(store, store.producer(push.execution.inputs["blessing"])) if push else None
    passed = {candidate}
    while found and (found.model.digest in passed or not fits(found.model.properties, data)):
        passed.add(found.model.digest)
        found = _judged(store, found.by.inputs.get("baseline"))  # the model that it was compared with itself
        if found and found.model.digest in passed - {candidate}:
            found = None  # two models that were compared with each other
    if found:
        return found
    for judged in _blessed(store):
        properties = judged.model.properties
        if judged.model.digest != candidate and _same_source(properties, data) and fits(properties, data):
            return judged
    return None


def _candidate(inputs: Inputs) -> str | None:
    return inputs[MODEL].digest if MODEL in inputs else None


def _blessed(store: MetadataStore) -> Iterator[Judged]:
    """Yields every blessed model that still exists, newest first."""
    for execution in executions_making(store, ModelBlessing.TYPE_NAME):
        judged = _judged_by(store, execution)
        if judged and blessing_of(execution).get("blessed") == 1:
            yield judged


def _judged(store: MetadataStore, model_id: int | None) -> Judged | None:
    """Returns the model of that id with its last evaluation; None if it was not evaluated or was deleted."""
    for execution in reversed(store.consumers(model_id) if model_id else []):
        made = [record.type_name for record in execution.outputs.values()]
        if ModelBlessing.TYPE_NAME in made and execution.inputs.get(MODEL) == model_id:
            return _judged_by(store, execution)
    return None


def _judged_by(store: MetadataStore, execution: ExecutionRecord | None) -> Judged | None:
    """Returns the model that an execution evaluated; None if it was deleted."""
    model = recorded_artifact(store, execution.inputs[MODEL]) if execution else None
    return Judged(model, execution) if model and execution else None


def blessing_of(evaluator: ExecutionRecord) -> Mapping[str, Scalar]:
    """Returns the properties of the ModelBlessing that an execution made."""
    made = evaluator.outputs.values()
    return next((record.properties for record in made if record.type_name == ModelBlessing.TYPE_NAME), {})


def is_best_so_far(evaluator: ExecutionRecord) -> bool:
    """Returns whether the evaluated model is better than all that were in use before it."""
    return blessing_of(evaluator).get("best_so_far", 1) == 1


def was_blessed(store: MetadataStore, run_id: str) -> bool:
    """Returns whether a run has a model with every blessing."""
    outputs = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
    judged = [record.properties["blessed"] for record in outputs if "blessed" in record.properties]
    return 1 in judged and 0 not in judged
