"""The lineage of the pushed model: each component from the data on, with its inputs, outputs and digests."""

from collections.abc import Iterator
from typing import Any

from components.report.elements import Cell, Table, text
from components.report.facts import AbsentError, Facts
from pipeline.core.records import ArtifactRecord, ExecutionRecord

ENDS = ("PushedModel", "ModelBlessing", "ModelEvaluation", "Model", "TransformedExamples", "Examples")
"""Types of artifacts. The first one that the run has is traced back."""
SHOWN = 12
"""The number of hexadecimal digits of a digest that are shown."""


def lineage(facts: Facts) -> dict[str, Any]:
    """A table, and the artifact at its end. Raises AbsentError if the run has no artifact."""
    end = _end(facts)
    table = Table(
        "From the data to the last artifact",
        ("Component", "Run", "Inputs", "Output", "Digest"),
        tuple(row for execution in _chain(facts, end) for row in _rows(facts, execution)),
        sortable=False,
    )
    return {"table": table, "end": end}


def _end(facts: Facts) -> ArtifactRecord:
    for type_name in ENDS:
        try:
            return facts.record(type_name)
        except AbsentError:
            continue
    raise AbsentError("This run has no artifact to trace back.")


def _chain(facts: Facts, end: ArtifactRecord) -> list[ExecutionRecord]:
    """The executions of the run that `end` was produced from, in the order of the run."""
    executions = [step.execution for step in facts.steps if step.execution]
    producers = {record.id: execution for execution in executions for record in execution.outputs.values()}
    waiting, found = [end.id], set[int]()
    while waiting:
        execution = producers.get(waiting.pop())
        if execution is not None and execution.id not in found:
            found.add(execution.id)
            waiting.extend(execution.inputs.values())
    return [execution for execution in executions if execution.id in found]


def _rows(facts: Facts, execution: ExecutionRecord) -> Iterator[tuple[Cell, ...]]:
    inputs = [name.partition(":")[2] for name in execution.key_fields if name.startswith("external:")]
    inputs += [_input(facts, key, artifact_id) for key, artifact_id in execution.inputs.items()]
    for number, (key, record) in enumerate(execution.outputs.items()):
        producer = facts.store.producer(record.id)
        run_id = producer.run_id if producer else ""
        yield (
            text(execution.component if number == 0 else ""),
            text("this run" if run_id == facts.run.run_id else run_id),
            text(", ".join(inputs) if number == 0 else ""),
            text(key, note=record.type_name + ("" if record.live else ", files deleted by gc")),
            text(record.digest[:SHOWN]),
        )


def _input(facts: Facts, key: str, artifact_id: int) -> str:
    """An input by name, with its run if that is an earlier one."""
    outputs = (record for step in facts.steps if step.execution for record in step.execution.outputs.values())
    if any(record.id == artifact_id for record in outputs):
        return key
    producer = facts.store.producer(artifact_id)
    return f"{key} (of {producer.run_id})" if producer else key
