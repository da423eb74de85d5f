"""Chooses the earlier model whose weights a warm start uses. Light to import."""

from collections.abc import Mapping

from components.shared.blessed_models import latest_blessed
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore


def model_to_continue(
    store: MetadataStore, asking: Asking, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """Returns the last blessed model from before these data.

    Returns None if no such model exists, or if `warm_start` is `none`.
    """
    if asking.parameters["warm_start"] == "none":
        return None
    return latest_blessed(store, asking, inputs)
