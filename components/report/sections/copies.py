"""Tables of texts that are nearly equal, and of texts that have several labels."""

from components.report.elements import Cell, Table, number, text
from components.report.facts import Facts
from schemas.contracts.statistics import Conflict, TextStatistics


def copies(facts: Facts) -> list[Table]:
    """The tables that have rows. Raises AbsentError if the run has no statistics."""
    found = facts.read(TextStatistics, "ExampleStatistics")
    pairs: list[tuple[Cell, ...]] = [
        (number(pair.similarity, ".0%"), *(text(shown, note=f"{split}: {id_}") for shown, split, id_ in
                                           zip(pair.texts, pair.splits, pair.ids, strict=True)))
        for pair in found.near_pairs
    ]  # fmt: skip
    conflicts = [
        (text(split), text(conflict.text), text(_labels(conflict)))
        for split, of in found.splits.items()
        for conflict in of.conflicts
    ]
    tables = [
        Table("Texts that are nearly equal (examples)", ("Similarity", "Text", "Other text"), tuple(pairs)),
        Table("Texts with conflicting labels (examples)", ("Split", "Text", "Labels"), tuple(conflicts)),
    ]
    return [table for table in tables if table.rows]


def _labels(conflict: Conflict) -> str:
    return "; ".join(
        f"{split}: {', '.join(f'{name} {count}×' for name, count in labels.items())}"
        for split, labels in conflict.labels.items()
    )
