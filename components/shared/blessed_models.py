"""Finds the last blessed model: the baseline of an evaluation, and the source of a warm start. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.core.artifact import Scalar
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore, executions_making, recorded_artifact
from schemas.artifacts.model import ModelBlessing

MODEL = "model"
"""The name of the Evaluator's input with the model that it blesses or not."""

DATA = "transformed"
"""The input of the calling component whose properties name the source and the span of the data."""


def latest_blessed(
    store: MetadataStore,
    asking: Asking,  # noqa: ARG001  # part of the signature of every resolver
    inputs: Mapping[str, ArtifactRecord],
) -> ArtifactRecord | None:
    """Returns the last blessed model that still exists, or None. Never returns the candidate in `inputs`.

    If `inputs` has data, the model must be trained on the same source, and on an earlier span if the data have spans.
    A model of a later span may be trained on examples that test this span. The choice would also depend on the order
    in which spans were run.
    """
    candidate = inputs[MODEL].digest if MODEL in inputs else None
    data = inputs[DATA].properties if DATA in inputs else {}
    models = (model for model in _blessed_models(store) if model.digest != candidate)
    return next((model for model in models if _is_earlier(model.properties, data)), None)


def _is_earlier(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    if "source" in data and model.get("source") != data["source"]:
        return False
    return "span" not in data or int(model.get("span", -1)) < int(data["span"])


def _blessed_models(store: MetadataStore) -> Iterator[ArtifactRecord]:
    """Yields every blessed model that still exists, newest first."""
    for execution in executions_making(store, ModelBlessing.TYPE_NAME):
        blessings = [record for record in execution.outputs.values() if record.type_name == ModelBlessing.TYPE_NAME]
        if any(record.properties.get("blessed") == 1 for record in blessings):
            model = recorded_artifact(store, execution.inputs[MODEL])
            if model is not None:
                yield model


def was_blessed(store: MetadataStore, run_id: str) -> bool:
    """Returns whether a run has a model with every blessing."""
    outputs = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
    judged = [record.properties["blessed"] for record in outputs if "blessed" in record.properties]
    return 1 in judged and 0 not in judged
