"""From the data to the model that was pushed: what was made from what, by which run, with its digest."""

from collections.abc import Iterator

from components.report.elements import Cell, Section, Table, text
from components.report.facts import Facts
from components.report.forms import AbsentError
from pipeline.store import ArtifactRecord, ExecutionRecord, MetadataStore

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
        tuple(row for execution in _chain(facts.store, end) for row in _rows(facts, execution)),
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


def _chain(store: MetadataStore, end: ArtifactRecord) -> list[ExecutionRecord]:
    """All executions that `end` comes from and its own, in the order in which they were begun."""
    waiting, found = [end.id], dict[int, ExecutionRecord]()
    while waiting:
        execution = store.producer(waiting.pop())
        if execution is not None and execution.id not in found:
            found[execution.id] = execution
            waiting.extend(execution.inputs.values())
    return [found[number] for number in sorted(found)]


def _rows(facts: Facts, execution: ExecutionRecord) -> Iterator[tuple[Cell, ...]]:
    read = [name.partition(":")[2] for name in execution.key_fields if name.startswith("external:")]
    read += list(execution.inputs)
    for number, (key, record) in enumerate(execution.outputs.items()):
        first = number == 0
        yield (
            text(execution.component if first else ""),
            text((execution.run_id if execution.run_id != facts.run.run_id else "this run") if first else ""),
            text(", ".join(read) if first else ""),
            text(key, note=record.type_name + ("" if record.live else ", files freed by gc")),
            text(record.digest[:SHOWN]),
        )
