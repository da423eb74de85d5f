"""The columns of the output: those of the input, then the predictions. Formats rows as CSV, TSV or JSON Lines."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.serving.predictions import Predictions
from components.shared.free_names import free_names

DELIMITERS = {".csv": ",", ".tsv": "\t"}

Column = tuple[str, int]
"""A name, and 1 for its first column, 2 for the second column of the same name, and so on."""

Values = Sequence[str] | Mapping[str, Any]
"""The values of a row: the cells in the order of the columns of its file, or the values by name."""


def numbered(names: Iterable[str]) -> list[Column]:
    """Returns the columns of a file, which may use a name several times."""
    seen, columns = Counter[str](), []
    for name in names:
        seen[name] += 1
        columns.append((name, seen[name]))
    return columns


@dataclass(frozen=True)
class Layout:
    """How rows are written."""

    form: str
    """One of FORMATS."""
    columns: tuple[Column, ...]
    """The columns of all files, in the order in which they first occur."""
    top: int
    """The number of labels per text."""

    @property
    def ours(self) -> list[str]:
        """The names of the columns with predictions. A name that the input has gets a number: `probability_2`."""
        more = [f"top_{rank}_{what}" for rank in range(2, self.top + 1) for what in ("label", "probability")]
        names = ["predicted_label", "probability", "answered", *(["top"] if self.form == ".jsonl" else more)]
        return free_names(names, list(map(_key, self.columns)))

    def head(self) -> bytes:
        """Returns the first line of the output; empty for JSON Lines."""
        if self.form == ".jsonl":
            return b""
        return self._table([[*(name for name, _ in self.columns), *self.ours]])

    def rows(self, columns: Sequence[Column], values: Sequence[Values], found: Predictions) -> bytes:
        """Returns rows of a file with their predictions. `columns`: of that file; empty if rows name their columns."""
        ranks = found.ranks(self.top)
        labels = np.asarray(found.labels, object)[ranks].tolist()
        # The shortest digits that give the same float32 again.
        numbers = np.take_along_axis(found.probabilities, ranks, axis=1).astype(str).tolist()
        answers = zip(labels, numbers, found.answered.tolist(), strict=True)
        if self.form == ".jsonl":
            return self._lines(columns, values, answers)
        cells = self._cells(columns, values)
        return self._table(
            [*row, names[0], shares[0], "true" if sure else "false", *_flat(names[1:], shares[1:])]
            for row, (names, shares, sure) in zip(cells, answers, strict=True)
        )

    def _cells(self, columns: Sequence[Column], values: Sequence[Values]) -> Iterator[Sequence[str]]:
        same = tuple(columns) == self.columns
        for row in values:
            if isinstance(row, Mapping):
                yield [_cell(row.get(name)) for name, _ in self.columns]
            elif same:
                yield row
            else:
                named = dict(zip(columns, row, strict=True))
                yield [named.get(column, "") for column in self.columns]

    def _table(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=DELIMITERS[self.form], lineterminator="\n").writerows(rows)
        try:
            return text.getvalue().encode(errors="surrogateescape")  # bytes that are not UTF-8 stay as they were
        except UnicodeEncodeError:
            return text.getvalue().encode(errors="backslashreplace")

    def _lines(self, columns: Sequence[Column], values: Sequence[Values], answers: Iterable[Any]) -> bytes:
        lines, keys, (label, probability, answered, top) = [], list(map(_key, columns)), self.ours
        for row, (names, shares, sure) in zip(values, answers, strict=True):
            given = dict(row) if isinstance(row, Mapping) else dict(zip(keys, row, strict=True))
            several = [{"label": n, "probability": float(s)} for n, s in zip(names, shares, strict=True)]
            ours = {label: names[0], probability: float(shares[0]), answered: sure, top: several}
            lines.append(json.dumps({**given, **ours}, ensure_ascii=False) + "\n")
        return "".join(lines).encode(errors="backslashreplace")  # \udc80 is also how JSON writes half of a pair


def _key(column: Column) -> str:
    name, number = column
    return name if number == 1 else f"{name}_{number}"


def _flat(names: Sequence[str], shares: Sequence[str]) -> list[str]:
    return [cell for pair in zip(names, shares, strict=True) for cell in pair]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
