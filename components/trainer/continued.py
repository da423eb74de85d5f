"""Which earlier model a training continues from. Light to import."""

from collections.abc import Mapping

from pipeline.artifact import Scalar
from pipeline.component import Component
from pipeline.store import ArtifactRecord, MetadataStore
from schemas.blessed import blessed_models

WARM_START = ("none", "blessed")


def model_to_continue(
    store: MetadataStore, component: Component, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """The last blessed model of the same source; None if `component` is to begin afresh, or there is none.

    For a span: of those that were trained on earlier spans. One of a later span may have seen what this one is tested
    on, and which it is would depend on which spans happened to be done before.
    """
    if getattr(component, "warm_start", "none") == "none":
        return None
    data = inputs["transformed"].properties
    return next((model for model in blessed_models(store) if _goes_before(model.properties, data)), None)


def _goes_before(model: Mapping[str, Scalar], data: Mapping[str, Scalar]) -> bool:
    if model.get("source") != data.get("source"):
        return False
    return "span" not in data or int(model.get("span", -1)) < int(data["span"])
