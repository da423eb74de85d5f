"""The table of probable label errors, `label_errors.csv`, and of corrections. Light to import."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import DataError

COLUMNS = ("id", "text", "label", "suggested", "score")
"""The columns of `label_errors.csv`. A table of corrections needs `id` and `label`, and may have more."""


class LabelError(NamedTuple):
    """A text of train that is probably mislabeled."""

    id: str
    text: str
    """Its first characters, and `…` if there are more."""
    label: str
    suggested: str
    """The most probable label."""
    score: float
    """The probability of `label`, 0..1, by a model that did not train on the text."""


def read_label_errors(path: Path) -> Iterator[LabelError]:
    """Yields the rows of `label_errors.csv`. Raises DataError if it is damaged."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise ValueError(f"its columns are {', '.join(rows.fieldnames or ())}, expected {', '.join(COLUMNS)}")
            for row in rows:
                yield LabelError(row["id"], row["text"], row["label"], row["suggested"], float(row["score"]))
        except (csv.Error, ValueError, TypeError) as error:
            raise DataError(f"{path} is damaged: {error}; write it again with --force=ReferenceModel") from error
