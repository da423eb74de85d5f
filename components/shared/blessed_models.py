"""Which models were blessed: what a new one is compared with, or continues from. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.core.artifact import Scalar
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, recorded_artifact

EVALUATOR, MODEL, BLESSING = "Evaluator", "model", "blessing"
"""The component that blesses, its input and its output."""

DATA = "transformed"
"""The input of whoever asks that says which data it is about."""

_AT_A_TIME = 20


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
    """Every model that was blessed and is still there, the last one first."""
    for evaluation in _evaluations(store):
        blessing = evaluation.outputs.get(BLESSING)
        if blessing is not None and blessing.properties.get("blessed") == 1:
            model = recorded_artifact(store, evaluation.inputs[MODEL])
            if model is not None:
                yield model


def _evaluations(store: MetadataStore) -> Iterator[ExecutionRecord]:
    """All of them, newest first."""
    before = 0
    while found := store.recent(EVALUATOR, _AT_A_TIME, before):
        yield from found
        before = found[-1].id


def was_blessed(store: MetadataStore, run_id: str) -> bool:
    """Whether a run has a model that everything that judged it has blessed."""
    outputs = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
    judged = [record.properties["blessed"] for record in outputs if "blessed" in record.properties]
    return 1 in judged and 0 not in judged
