"""Finds the statistics of the previous span among earlier runs. Light to import."""

from collections.abc import Mapping

from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore

SPAN = "span"

EXECUTIONS = 1000
"""The number of most recent executions that are searched."""


def previous_span(store: MetadataStore, _: Asking, inputs: Mapping[str, ArtifactRecord]) -> ArtifactRecord | None:
    """Returns the newest statistics of the largest smaller span of the same source; None if there are none."""
    statistics = inputs["statistics"]
    span = statistics.properties.get(SPAN)
    producer = store.producer(statistics.id)
    if span is None or producer is None:
        return None
    best: ArtifactRecord | None = None
    for execution in store.recent(producer.component, EXECUTIONS):  # newest first
        for record in execution.outputs.values():
            other = record.properties.get(SPAN)
            same = record.live and record.properties.get("source") == statistics.properties.get("source")
            if same and other is not None and int(other) < int(span):
                best = record if best is None or int(other) > int(best.properties[SPAN]) else best
    return best
