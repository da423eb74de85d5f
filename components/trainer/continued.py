"""Which earlier model a training continues from. Light to import."""

from collections.abc import Mapping

from pipeline.component import Component
from pipeline.store import ArtifactRecord, MetadataStore
from schemas.blessed import artifact_of, blessed_models

WARM_START = ("none", "blessed")


def model_to_continue(
    store: MetadataStore, component: Component, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """The model of the same source that was blessed last; None if `component` starts afresh or there is none.

    For a span: of those that were trained on earlier spans. One of a later span has seen what this one is tested on,
    and its choice would depend on which spans happened to be done before.
    """
    if getattr(component, "warm_start", "none") == "none":
        return None
    data = inputs["transformed"]
    for model in blessed_models(store):
        maker = store.producer(model.id)
        theirs = artifact_of(store, maker.inputs.get("transformed", 0)) if maker is not None else None
        if theirs is not None and _continues(theirs, data):
            return model
    return None


def _continues(theirs: ArtifactRecord, ours: ArtifactRecord) -> bool:
    if theirs.properties.get("source") != ours.properties.get("source"):
        return False
    span = ours.properties.get("span")
    return span is None or int(theirs.properties.get("span", -1)) < int(span)
