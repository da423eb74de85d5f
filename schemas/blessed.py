"""Which models were blessed: what a new one is compared with, or continues from. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.component import Component
from pipeline.resolver import recorded_artifact
from pipeline.store import ArtifactRecord, ExecutionRecord, MetadataStore

EVALUATOR, MODEL, BLESSING = "Evaluator", "model", "blessing"
"""The component that blesses, its input and its output."""

_AT_A_TIME = 20


def latest_blessed(
    store: MetadataStore,
    component: Component,  # noqa: ARG001  # whoever asks
    inputs: Mapping[str, ArtifactRecord],
) -> ArtifactRecord | None:
    """The last model that was blessed and is still there, other than the candidate itself, if `inputs` has one."""
    candidate = inputs[MODEL].digest if MODEL in inputs else None
    return next((model for model in blessed_models(store) if model.digest != candidate), None)


def blessed_models(store: MetadataStore) -> Iterator[ArtifactRecord]:
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
