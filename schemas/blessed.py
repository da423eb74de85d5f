"""The models that were found good, from the record of earlier runs. Light to import."""

from collections.abc import Collection, Iterator, Mapping

from pipeline.component import Component
from pipeline.store import ArtifactRecord, MetadataStore

JUDGE, BLESSING, BLESSED, MODEL = "Evaluator", "blessing", "blessed", "model"
"""Which component judges, its output that says so, the property of that (1: blessed), and its input that was judged."""

_PAGE = 20
"""So many judgements are asked for at a time."""


def latest_blessed(
    store: MetadataStore,
    component: Component,  # noqa: ARG001  # the signature of all that choose an earlier artifact
    inputs: Mapping[str, ArtifactRecord],
) -> ArtifactRecord | None:
    """The model that was blessed last and is still there, leaving out those among `inputs`; None if there is none."""
    return next(blessed_models(store, {record.id for record in inputs.values()}), None)


def blessed_models(store: MetadataStore, skip: Collection[int] = ()) -> Iterator[ArtifactRecord]:
    """Every model that was blessed and is still there, the last one first. `skip`: ids to leave out."""
    before = 0
    while judged := store.recent(JUDGE, _PAGE, before):
        for execution in judged:
            blessing = execution.outputs.get(BLESSING)
            model = execution.inputs.get(MODEL, 0)
            if blessing is None or blessing.properties.get(BLESSED) != 1 or model in skip:
                continue
            record = artifact_of(store, model)
            if record is not None and record.live:
                yield record
        before = judged[-1].id


def artifact_of(store: MetadataStore, artifact_id: int) -> ArtifactRecord | None:
    """An artifact by its id, from the execution that made it; None if that is not recorded."""
    maker = store.producer(artifact_id)
    made = maker.outputs.values() if maker is not None else ()
    return next((record for record in made if record.id == artifact_id), None)
