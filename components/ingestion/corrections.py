"""Corrected labels: a CSV file with the columns `id` and `label`, such as `label_errors.csv` after a review.

Light to import.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import DataError, listed, near_match, shown_name

if TYPE_CHECKING:
    from schemas.records.examples import Document

ID, LABEL = "id", "label"

_FIX = "correct the file of --corrections"


@dataclass(frozen=True)
class Corrections:
    """The labels that replace those of some examples. Can be pickled."""

    path: Path
    labels: dict[str, int]
    """By id: the label from 0. A label may be the one that the example has already."""

    def apply(self, document: "Document") -> "Document":
        """Returns the document with its corrected label."""
        return document._replace(label=self.labels.get(document.id, document.label))

    def check(self, found: Iterable[str]) -> None:
        """Raises DataError if an id is not among the ids that were `found` in the data."""
        if unknown := sorted(self.labels.keys() - set(found)):
            raise DataError(
                f"{self.path}: {len(unknown):,} of {len(self.labels):,} ids are not in the data: {listed(unknown, 3)}; "
                f"use the ids of label_errors.csv of a run on the same data, or {_FIX}"
            )


def read_corrections(path: Path, names: Sequence[str]) -> Corrections:
    """Reads the file. `names`: the labels of the data, in label order.

    Raises DataError if it is not CSV in UTF-8 with both columns, if a label is unknown, or if an id is repeated.
    """
    numbers, labels = {name: number for number, name in enumerate(names)}, dict[str, int]()
    for line, id_, label in _rows(path):
        if label not in numbers:
            hint = near_match(label, names)
            raise DataError(f"{path}:{line}: the data have no label '{shown_name(label)}'{hint} ({_FIX})")
        if id_ in labels:
            raise DataError(f"{path}:{line}: the id '{shown_name(id_)}' is repeated; {_FIX}")
        labels[id_] = numbers[label]
    return Corrections(path, labels)


def _rows(path: Path) -> Iterable[tuple[int, str, str]]:
    """Yields line, id and label of each row."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = list(rows.fieldnames or ())
            if missing := [name for name in (ID, LABEL) if name not in columns]:
                raise DataError(
                    f"{path} has no column '{missing[0]}' (columns: {listed(columns) or 'none'}); corrections are a "
                    f"CSV file with commas and the columns {ID} and {LABEL}; {_FIX}"
                )
            for row in rows:
                if not row[ID] or not row[LABEL]:
                    raise DataError(f"{path}:{rows.line_num}: a row needs an {ID} and a {LABEL}; {_FIX}")
                yield rows.line_num, row[ID].strip(), row[LABEL].strip()
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not a CSV file in UTF-8: {error}; {_FIX}") from error
