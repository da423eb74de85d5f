"""Copies the records of earlier runs that a run read to an empty pipeline root, so that they are chosen again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.core.graph import Pipeline
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.storage.workspace import Workspace


def carry_earlier(
    run: RunRecord, pipeline: Pipeline, source: tuple[Workspace, MetadataStore], target: tuple[Workspace, MetadataStore]
) -> None:
    """Records in `target` the executions that produced or read the earlier artifacts that `run` chose.

    Their folders become links to the folders in `source`. They are never a cache hit in the new root.
    """
    store = source[1]
    listed = {component.name: set(component.earlier) for component in pipeline.components}
    found: dict[int, ExecutionRecord] = {}
    for chooser in store.executions_of(run.run_id):
        for key in listed[chooser.component] & chooser.inputs.keys():
            if maker := store.producer(chooser.inputs[key]):
                found |= {execution.id: execution for execution in (maker, *_readers(store, maker, chooser, listed))}
    ids: dict[int, int] = {}
    for _, execution in sorted(found.items()):
        ids |= _carry(execution, ids, source[0], target)


def _readers(
    store: MetadataStore, maker: ExecutionRecord, chooser: ExecutionRecord, listed: Mapping[str, set[str]]
) -> Iterator[ExecutionRecord]:
    """Yields executions before `chooser` that read an output of `maker` as a regular input, from their own run."""
    made = {record.id for record in maker.outputs.values()}
    for artifact_id in sorted(made):
        for reader in store.consumers(artifact_id):
            wired = {id_ for key, id_ in reader.inputs.items() if key not in listed.get(reader.component, set())}
            if reader.state == "COMPLETE" and reader.id < chooser.id and made & wired:
                yield reader


def _carry(
    execution: ExecutionRecord, ids: dict[int, int], source: Workspace, target: tuple[Workspace, MetadataStore]
) -> dict[int, int]:
    """Records one execution. Returns the new ids of its outputs by old id. `ids`: the same for earlier executions."""
    workspace, store = target
    if store.get_run(execution.run_id) is None:
        store.begin_run(RunRecord(execution.run_id, "carried over", "{}", "{}"))
        store.end_run(execution.run_id, "COMPLETE", "")
    folder = workspace.root / execution.component / execution.run_id
    folder.parent.mkdir(exist_ok=True)
    source.fetch(source.root / execution.component / execution.run_id)
    folder.symlink_to(source.root / execution.component / execution.run_id, target_is_directory=True)
    inputs = {key: ids[old] for key, old in execution.inputs.items() if old in ids}
    carried = replace(execution, id=0, inputs=inputs, cache_key=f"carried over: {execution.cache_key}", open_key="")
    made = store.publish(replace(carried, id=store.begin(carried)), execution.outputs)
    return {execution.outputs[key].id: record.id for key, record in made.items()}
