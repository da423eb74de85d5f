"""Finds the last blessed model: the baseline of an evaluation, and the source of a warm start. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.core.artifact import Scalar
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, recorded_artifact

EVALUATOR, MODEL, BLESSING = "Evaluator", "model", "blessing"
"""The component that blesses models, its input and its output."""

DATA = "transformed"
"""The input of the calling component whose properties name the source and the span of the data."""

_PAGE_SIZE = 20


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
    for evaluation in _evaluations(store):
        blessing = evaluation.outputs.get(BLESSING)
        if blessing is not None and blessing.properties.get("blessed") == 1:
            model = recorded_artifact(store, evaluation.inputs[MODEL])
            if model is not None:
                yield model


def _evaluations(store: MetadataStore) -> Iterator[ExecutionRecord]:
    """Yields all executions of the Evaluator, newest first."""
    before = 0
    while found := store.recent(EVALUATOR, _PAGE_SIZE, before):
        yield from found
        before = found[-1].id


def was_blessed(store: MetadataStore, run_id: str) -> bool:
    """Whether a run has a model that everything that judged it has blessed."""
    outputs = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
    judged = [record.properties["blessed"] for record in outputs if "blessed" in record.properties]
    return 1 in judged and 0 not in judged
