"""Data drift: labels and texts of this run's data compared with the data of the previous span."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.report.elements import Cell, Table, number, text
from components.report.facts import AbsentError, Facts, read_if_there
from pipeline.core.records import ArtifactRecord
from schemas.contracts.statistics import SplitText, TextStatistics

PREVIOUS = "previous"
"""The validator's input: the statistics of the previous span."""
SPLIT = "train"
MOST = 12
"""The number of labels that are listed, those with the largest change."""


@dataclass(frozen=True)
class Drift:
    """The previous data, and the tables that compare."""

    before: str
    """The previous span, or its run if it has no name."""
    run_id: str
    labels: Table
    texts: Table


def drift(facts: Facts) -> Drift:
    """Compares the data. Raises AbsentError if there are no previous data, or their files are gone."""
    record, run_id = _previous(facts)
    path = facts.workspace.root / record.uri
    facts.workspace.fetch(path)
    if not record.live or not path.is_dir():
        raise AbsentError(f"The statistics of run {run_id}, which these data were compared with, were deleted by gc.")
    then = read_if_there(TextStatistics, path / TextStatistics.FILE).splits
    now = facts.read(TextStatistics, "ExampleStatistics").splits
    if SPLIT not in then or SPLIT not in now:
        raise AbsentError(f"One of the two spans has no split {SPLIT}.")
    named = record.properties.get("span")
    before = f"span {named}" if named not in (None, "") else f"run {run_id}"
    return Drift(before, run_id, _labels(then[SPLIT].labels, now[SPLIT].labels), _texts(then[SPLIT], now[SPLIT]))


def _previous(facts: Facts) -> tuple[ArtifactRecord, str]:
    for step in facts.steps:
        artifact_id = step.execution.inputs.get(PREVIOUS) if step.execution else None
        producer = facts.store.producer(artifact_id) if artifact_id else None
        for record in producer.outputs.values() if producer else ():
            if record.id == artifact_id and producer:
                return record, producer.run_id
    raise AbsentError("There is no previous span to compare these data with.")


def _labels(then: Mapping[str, int], now: Mapping[str, int]) -> Table:
    sums = max(1, sum(then.values())), max(1, sum(now.values()))
    shares = {name: (then.get(name, 0) / sums[0], now.get(name, 0) / sums[1]) for name in {**then, **now}}
    moved = sorted(shares, key=lambda name: (-abs(shares[name][1] - shares[name][0]), name))[:MOST]
    rows = tuple(_row(name, *shares[name], ".2%") for name in moved)
    return Table(
        "Labels with the largest change, as shares of train", ("Label", "Previous", "This run", "Change"), rows
    )


def _texts(then: SplitText, now: SplitText) -> Table:
    def median(of: SplitText) -> float:
        return float(of.length.quantiles.get("0.5", of.length.mean))

    rows = (
        _row("documents", then.examples, now.examples, ",.0f"),
        _row("median length in words", median(then), median(now), ",.0f"),
        _row("different words", then.unique_words, now.unique_words, ",.0f"),
        _row("words out of vocabulary", then.out_of_vocabulary.rate, now.out_of_vocabulary.rate, ".2%"),
        _row("truncated texts", then.truncated.rate, now.truncated.rate, ".2%"),
    )
    return Table("Texts of train", ("Figure", "Previous", "This run", "Change"), rows, sortable=False)


def _row(name: str, then: float, now: float, form: str) -> tuple[Cell, ...]:
    return text(name), number(then, form), number(now, form), number(now - then, "+" + form)
