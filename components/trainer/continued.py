"""Which earlier model a training continues from. Light to import."""

from collections.abc import Mapping

from components.shared.blessed_models import latest_blessed
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore


def model_to_continue(
    store: MetadataStore, asking: Asking, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """The last blessed model that goes before these data; None if training is to begin afresh, or there is none."""
    if asking.parameters["warm_start"] == "none":
        return None
    return latest_blessed(store, asking, inputs)
