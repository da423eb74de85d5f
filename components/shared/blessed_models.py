"""Which models were blessed: what a new one is compared with, or continues from. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.core.artifact import Scalar
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore, executions_making, recorded_artifact
from schemas.artifacts.model import ModelBlessing

MODEL = "model"
"""The input of the component that blesses: the model that it judges."""

DATA = "transformed"
"""The input of whoever asks that says which data it is about."""


def latest_blessed(
    store: MetadataStore,
    asking: Asking,  # noqa: ARG001  # all components choose alike
    inputs: Mapping[str, ArtifactRecord],
) -> ArtifactRecord | None:
    """The last model that was blessed and is still there, other than the candidate itself, if `inputs` has one.

    Where `inputs` has data: of those that learned from the same source, and from earlier spans if there are spans. A
    model of a later span may have learned from what this span is tested on, and which one it is would depend on the
    spans that happened to be done before.
    """
    candidate = inputs[MODEL].digest if MODEL in inputs else None
    data = inputs[DATA].properties if DATA in inputs else {}
    models = (model for model in _blessed_models(store) if model.digest != candidate)
    return next((model for model in models if _goes_before(model.properties, data)), None)


def _goes_before(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    if "source" in data and model.get("source") != data["source"]:
        return False
    return "span" not in data or int(model.get("span", -1)) < int(data["span"])


def _blessed_models(store: MetadataStore) -> Iterator[ArtifactRecord]:
    """Every model that was blessed and still exists, newest first."""
    for execution in executions_making(store, ModelBlessing.TYPE_NAME):
        blessings = [record for record in execution.outputs.values() if record.type_name == ModelBlessing.TYPE_NAME]
        if any(record.properties.get("blessed") == 1 for record in blessings):
            model = recorded_artifact(store, execution.inputs[MODEL])
            if model is not None:
                yield model


def was_blessed(store: MetadataStore, run_id: str) -> bool:
    """Whether a run has a model that everything that judged it has blessed."""
    outputs = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
    judged = [record.properties["blessed"] for record in outputs if "blessed" in record.properties]
    return 1 in judged and 0 not in judged
