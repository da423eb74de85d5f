"""Whether the model's probabilities can be believed, and on which slices of the data it is weak."""

from collections.abc import Sequence
from typing import Any

from components.report.contracts import Bin, Details, Row
from components.report.elements import Cell, Figure, Section, Table, layout, number, text, title
from components.report.facts import Facts
from components.report.forms import AbsentError, read_form

METRICS = ("accuracy", "macro_f1", "loss")
BY_CLASS = "label"
"""The slices that the table of classes shows already."""


def sureness(facts: Facts) -> Section:
    """The section. Raises AbsentError if the evaluation has neither calibration nor slices."""
    details = read_form(Details, facts.path("ModelEvaluation") / "details.json")
    slices = {name: rows for name, rows in (details.slices or {}).items() if name != BY_CLASS}
    if not details.calibration and not slices:
        raise AbsentError("The evaluation of this run has neither calibration nor slices.")
    shown = {
        "figure": _figure(details.calibration) if details.calibration else None,
        "slices": [_slices(name, rows) for name, rows in slices.items()],
        "thresholds": _thresholds(details.thresholds) if details.thresholds else None,
    }
    return Section("sureness", "How sure it is, and where it is weak", shown=shown)


def _slices(name: str, rows: Sequence[Row]) -> Table:
    found = [
        (text(row["value"] or "(none)"), number(row["examples"]), *(number(row.get(m), ".3f") for m in METRICS))
        for row in rows
        if row["examples"]
    ]
    return Table(f"By {name}", (name.capitalize(), "Examples", "Accuracy", "Mean F1", "Loss"), tuple(found))


def _thresholds(rows: Sequence[Row]) -> Table:
    names = ("threshold", "precision", "recall", "f1", "accuracy")
    found = tuple(tuple(number(row[name], ".2f" if name == "threshold" else ".3f") for name in names) for row in rows)
    return Table("What comes of deciding from another probability on", tuple(n.capitalize() for n in names), found)


def _figure(bins: tuple[Bin, ...]) -> Figure:
    filled = [b for b in bins if b.examples and b.confidence is not None and b.accuracy is not None]
    most = max((b.examples for b in filled), default=1)
    diagonal: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "name": "as sure as right", "hoverinfo": "skip",
        "line": {"color": "--soft", "width": 1, "dash": "dash"},
    }  # fmt: skip
    found = {
        "type": "scatter", "mode": "markers+lines", "name": "the model, larger where more examples are",
        "x": [b.confidence for b in filled], "y": [b.accuracy for b in filled],
        "customdata": [b.examples for b in filled], "line": {"color": "--accent", "width": 1},
        "marker": {"color": "--accent", "size": [6 + 14 * (b.examples / most) ** 0.5 for b in filled], "opacity": 1},
        "hovertemplate": "sure %{x:.1%}, right %{y:.1%} (%{customdata} examples)<extra></extra>",
    }  # fmt: skip
    rows = tuple(_bin(b) for b in filled)
    return Figure(
        data=[diagonal, found],
        layout=layout(
            320,
            {**title("probability that the model gave"), "tickformat": ".0%", "range": [-0.03, 1.05]},
            {**title("part that was right"), "tickformat": ".0%", "range": [-0.03, 1.05]},
            margin={"l": 60, "r": 12, "t": 28, "b": 44},
        ),
        alt=f"Reliability diagram over {len(filled)} bins of confidence; the table has each.",
        caption="Below the dashed line the model is surer than it is right, above it is right more often than sure.",
        table=Table("Calibration by bin", ("Surer than", "Examples", "Confidence", "Right"), rows),
    )


def _bin(found: Bin) -> tuple[Cell, ...]:
    return (number(found.low, ".0%"), number(found.examples), number(found.confidence, ".3f"),
            number(found.accuracy, ".3f"))  # fmt: skip
