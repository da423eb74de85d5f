"""Which model was blessed last: what a new one is compared with. Light to import."""

from collections.abc import Iterator, Mapping

from pipeline.component import Component
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
    for evaluation in _evaluations(store):
        blessing = evaluation.outputs.get(BLESSING)
        if blessing is None or blessing.properties.get("blessed") != 1:
            continue
        training = store.producer(evaluation.inputs[MODEL])
        for model in training.outputs.values() if training else ():
            if model.id == evaluation.inputs[MODEL] and model.live and model.digest != candidate:
                return model
    return None


def _evaluations(store: MetadataStore) -> Iterator[ExecutionRecord]:
    """All of them, newest first."""
    before = 0
    while found := store.recent(EVALUATOR, _AT_A_TIME, before):
        yield from found
        before = found[-1].id
