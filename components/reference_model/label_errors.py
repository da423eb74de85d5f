"""Lists the train texts that are probably mislabeled, and writes `label_errors.csv`.

The rank is the self-confidence of confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70): the probability of
the given label, by a model that did not train on the text. The lowest comes first.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.reference_model.linear import Labels
from components.reference_model.read import Train
from components.shared.calibration import Floats, Ints
from schemas.contracts.label_errors import COLUMNS

SHOWN = 500
"""Characters of a text in the file. A longer text is cut and ends with `…`."""


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """The rows of train that a model predicts as another label, least probable label first."""

    rows: Ints
    suggested: Ints
    """The most probable label of each: int64 [rows]."""
    scores: Floats
    """The probability of the given label of each, 0..1: float64 [rows]."""


def label_errors(held_out: Floats, labels: Labels) -> LabelErrors:
    """Finds them. `held_out`: out-of-fold probabilities, float64 [n, classes]. Equal scores are in id order."""
    own, suggested = held_out[np.arange(len(labels)), labels], held_out.argmax(axis=1)
    rows = np.flatnonzero(suggested != labels)
    rows = rows[np.argsort(own[rows], kind="stable")]
    return LabelErrors(rows, suggested[rows], own[rows])


def write_label_errors(path: Path, train: Train, errors: LabelErrors, names: Sequence[str]) -> None:
    """Writes one line per text: UTF-8, with commas, and quotation marks where they are needed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row, suggested, score in zip(errors.rows, errors.suggested, errors.scores, strict=True):
            text = train.texts[row]
            shown = text if len(text) <= SHOWN else text[:SHOWN] + "…"
            writer.writerow([train.ids[row], shown, names[train.labels[row]], names[suggested], f"{score:.4f}"])
