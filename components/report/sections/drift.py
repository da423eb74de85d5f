"""How the data differ from those of the span before: labels and lengths, then and now."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.report.data_contracts import SplitText, TextStatistics
from components.report.elements import Cell, Table, number, text
from components.report.facts import Facts
from components.report.forms import AbsentError, read_form
from pipeline.core.records import ArtifactRecord

PREVIOUS = "previous"
"""The validator's input: the statistics of the span before."""
SPLIT = "train"
MOST = 12
"""So many labels, those that have moved most."""


@dataclass(frozen=True)
class Drift:
    """Then and now."""

    before: str
    """The span before, or if it has no name the run of it."""
    run_id: str
    labels: Table
    texts: Table


def drift(facts: Facts) -> Drift:
    """Raises AbsentError if the validator had nothing earlier to compare with, or its files are gone."""
    record, run_id = _previous(facts)
    path = facts.workspace.root / record.uri
    if not record.live or not path.is_dir():
        raise AbsentError(f"The statistics of run {run_id}, which these data were compared with, were freed by gc.")
    then = read_form(TextStatistics, path / "text.json").splits
    now = read_form(TextStatistics, facts.path("ExampleStatistics") / "text.json").splits
    if SPLIT not in then or SPLIT not in now:
        raise AbsentError(f"There is no split {SPLIT} in both of the spans.")
    named = record.properties.get("span")
    before = f"span {named}" if named not in (None, "") else f"run {run_id}"
    return Drift(before, run_id, _labels(then[SPLIT].labels, now[SPLIT].labels), _texts(then[SPLIT], now[SPLIT]))


def _previous(facts: Facts) -> tuple[ArtifactRecord, str]:
    for step in facts.steps:
        artifact_id = step.execution.inputs.get(PREVIOUS) if step.execution else None
        maker = facts.store.producer(artifact_id) if artifact_id else None
        for record in maker.outputs.values() if maker else ():
            if record.id == artifact_id and maker:
                return record, maker.run_id
    raise AbsentError("There is no earlier span that these data were compared with.")


def _labels(then: Mapping[str, int], now: Mapping[str, int]) -> Table:
    sums = max(1, sum(then.values())), max(1, sum(now.values()))
    shares = {name: (then.get(name, 0) / sums[0], now.get(name, 0) / sums[1]) for name in {**then, **now}}
    moved = sorted(shares, key=lambda name: (-abs(shares[name][1] - shares[name][0]), name))[:MOST]
    rows = tuple(_row(name, *shares[name], ".2%") for name in moved)
    return Table("Labels that have moved most, as parts of train", ("Label", "Then", "Now", "Change"), rows)


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
    return Table("Texts of train", ("What", "Then", "Now", "Change"), rows, sortable=False)


def _row(name: str, then: float, now: float, form: str) -> tuple[Cell, ...]:
    return text(name), number(then, form), number(now, form), number(now - then, "+" + form)
