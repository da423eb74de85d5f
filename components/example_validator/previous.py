"""The statistics of the span before, from the record of earlier runs. Light to import."""

from collections.abc import Mapping

from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, MetadataStore

SPAN = "span"

EXECUTIONS = 1000
"""So many earlier executions are looked through."""


def previous_span(store: MetadataStore, _: Asking, inputs: Mapping[str, ArtifactRecord]) -> ArtifactRecord | None:
    """The newest statistics of the largest span below this one's, of the same source; None if there are none."""
    statistics = inputs["statistics"]
    span = statistics.properties.get(SPAN)
    maker = store.producer(statistics.id)
    if span is None or maker is None:
        return None
    best: ArtifactRecord | None = None
    for execution in store.recent(maker.component, EXECUTIONS):  # newest first
        for record in execution.outputs.values():
            theirs = record.properties.get(SPAN)
            same = record.live and record.properties.get("source") == statistics.properties.get("source")
            if same and theirs is not None and int(theirs) < int(span):
                best = record if best is None or int(theirs) > int(best.properties[SPAN]) else best
    return best
