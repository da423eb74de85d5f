"""Which earlier model a training continues from. Light to import."""

from collections.abc import Mapping

from pipeline.component import Component
from pipeline.store import ArtifactRecord, MetadataStore
from schemas.blessed import latest_blessed

WARM_START = ("none", "blessed")


def model_to_continue(
    store: MetadataStore, component: Component, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """The last blessed model that goes before these data; None if `component` is to begin afresh, or there is none."""
    if getattr(component, "warm_start", "none") == "none":
        return None
    return latest_blessed(store, component, inputs)
