"""The train texts that are probably mislabeled, by the out-of-fold predictions of the linear model."""

from itertools import islice
from typing import Any

from components.report.elements import Cell, Table, number, text
from components.report.facts import AbsentError, Facts
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.contracts.label_errors import LabelError, read_label_errors
from schemas.contracts.reference import LinearModel

SHOWN, CHARACTERS = 20, 300
"""Texts in the table, and characters of each."""


def label_errors(facts: Facts) -> dict[str, Any]:
    """The first rows of the list, and the path of the complete list."""
    about = facts.read(LinearModel, ReferenceEvaluation.TYPE_NAME)
    path = facts.path(ReferenceEvaluation.TYPE_NAME) / ReferenceEvaluation.LABEL_ERRORS
    if not path.is_file():
        raise AbsentError(f"The evaluation of this run has no {path.name}.")
    rows = tuple(map(_row, islice(read_label_errors(path), SHOWN)))
    columns = ("Text", "Label", "More probable", "Probability of the label")
    return {"about": about, "path": path, "table": Table("Most probable label errors in train", columns, rows)}


def _row(error: LabelError) -> tuple[Cell, ...]:
    shown = error.text if len(error.text) <= CHARACTERS else error.text[:CHARACTERS] + "…"
    return text(shown, note=error.id), text(error.label), text(error.suggested), number(error.score, ".2%")
