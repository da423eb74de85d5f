"""The table to be labeled: its columns, and how it is written. Light to import."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.shared.free_names import free_names
from pipeline.core.errors import DataError, listed
from pipeline.storage.durable import fsync

DELIMITERS = {".csv": ",", ".tsv": "\t"}
"""The formats of the table, by the end of its name."""

SUGGESTED, PROBABILITY, CHOSEN = "suggested_label", "probability", "chosen"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A text to be labeled."""

    id: str
    text: str
    suggested_label: str
    probability: float
    chosen: str
    others: Mapping[str, str]
    """The other columns of the input, by name."""


def write_table(path: Path, names: Sequence[str], lines: Sequence[Line]) -> None:
    """Writes a table, completely or not at all. `names`: the columns of id, text and label; the label is empty.

    A column of the input that has a name of these gets a number: `probability_2`. Raises DataError if two lines have
    one id.
    """
    _check_ids(lines)
    ours = [*names, SUGGESTED, PROBABILITY, CHOSEN]
    others = list(dict.fromkeys(name for line in lines for name in line.others))
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        rows = csv.writer(file, delimiter=DELIMITERS[path.suffix.lower()], lineterminator="\n")
        rows.writerow([*ours, *free_names(others, ours)])
        for line in lines:
            given = [line.id, line.text, "", line.suggested_label, f"{line.probability:.4f}", line.chosen]
            rows.writerow([*given, *(line.others.get(name, "") for name in others)])
    fsync(new)
    new.replace(path)


def _check_ids(lines: Sequence[Line]) -> None:
    seen = set[str]()
    for line in lines:
        if not line.id.strip() or line.id in seen:
            what = f"is used twice: '{listed([line.id])}'" if line.id.strip() else "is empty"
            raise DataError(f"an id of the chosen texts {what}; choose another --id_column, or leave it out")
        seen.add(line.id)
