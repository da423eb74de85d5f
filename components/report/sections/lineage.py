"""From the data to the model that was pushed: what was made from what, by which run, with its digest."""

from collections.abc import Iterator

from components.report.elements import Cell, Section, Table, text
from components.report.facts import Facts
from components.report.forms import AbsentError
from pipeline.core.records import ArtifactRecord, ExecutionRecord

ENDS = ("PushedModel", "ModelBlessing", "ModelEvaluation", "Model", "TransformedExamples", "Examples")
"""What a run may end in: the first of these that it has is traced back."""
SHOWN = 12
"""Hexadecimal digits of a digest."""


def lineage(facts: Facts) -> Section:
    """The section. Raises AbsentError if the run made nothing."""
    end = _end(facts)
    table = Table(
        "From the data to the end",
        ("Made by", "In run", "Read", "Made", "Digest"),
        tuple(row for execution in _chain(facts, end) for row in _rows(facts, execution)),
        sortable=False,
    )
    return Section("lineage", "From data to model", shown={"table": table, "end": end})


def _end(facts: Facts) -> ArtifactRecord:
    for type_name in ENDS:
        try:
            return facts.record(type_name)
        except AbsentError:
            continue
    raise AbsentError("This run made nothing that could be traced back.")


def _chain(facts: Facts, end: ArtifactRecord) -> list[ExecutionRecord]:
    """The executions of the run that `end` comes from, and its own, in the order of the run."""
    executions = [step.execution for step in facts.steps if step.execution]
    makers = {record.id: execution for execution in executions for record in execution.outputs.values()}
    waiting, found = [end.id], set[int]()
    while waiting:
        execution = makers.get(waiting.pop())
        if execution is not None and execution.id not in found:
            found.add(execution.id)
            waiting.extend(execution.inputs.values())
    return [execution for execution in executions if execution.id in found]


def _rows(facts: Facts, execution: ExecutionRecord) -> Iterator[tuple[Cell, ...]]:
    read = [name.partition(":")[2] for name in execution.key_fields if name.startswith("external:")]
    read += [_read(facts, key, artifact_id) for key, artifact_id in execution.inputs.items()]
    for number, (key, record) in enumerate(execution.outputs.items()):
        maker = facts.store.producer(record.id)
        made_in = maker.run_id if maker else ""
        yield (
            text(execution.component if number == 0 else ""),
            text("this run" if made_in == facts.run.run_id else made_in),
            text(", ".join(read) if number == 0 else ""),
            text(key, note=record.type_name + ("" if record.live else ", files freed by gc")),
            text(record.digest[:SHOWN]),
        )


def _read(facts: Facts, key: str, artifact_id: int) -> str:
    """An input by name; one of an earlier run, a baseline for instance, with that."""
    outputs = (record for step in facts.steps if step.execution for record in step.execution.outputs.values())
    if any(record.id == artifact_id for record in outputs):
        return key
    maker = facts.store.producer(artifact_id)
    return f"{key} (of {maker.run_id})" if maker else key
