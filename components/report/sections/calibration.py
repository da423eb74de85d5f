"""Calibration: how well the model's probabilities match its accuracy. And the metrics of slices of the test split."""

from collections.abc import Sequence
from typing import Any

from components.report.elements import Cell, Figure, Spec, Table, layout, number, text, title
from components.report.facts import AbsentError, Facts
from components.report.sections.answers import answers_figure
from schemas.contracts.confidence import CalibrationBin, Uncalibrated
from schemas.contracts.encode import given
from schemas.contracts.evaluation import Details, SliceMetrics, ThresholdMetrics

METRICS = ("accuracy", "macro_f1", "loss")
BY_CLASS = "label"
"""The slices that the metrics per class show already."""


def calibration(facts: Facts) -> dict[str, Any]:
    """A figure and tables. Raises AbsentError if the evaluation has neither calibration nor slices."""
    details = facts.read(Details, "ModelEvaluation")
    slices = {name: rows for name, rows in details.slices.items() if name != BY_CLASS}
    if not details.calibration and not slices:
        raise AbsentError("The evaluation of this run has neither calibration nor slices.")
    return {
        "figure": _figure(details.calibration, details.uncalibrated or None) if details.calibration else None,
        "answers": answers_figure(details.answers, details.coverage) if details.answers and details.coverage else None,
        "temperature": details.uncalibrated or None,
        "ece": facts.metrics.get("ece"),
        "slices": [_slices(name, rows) for name, rows in slices.items()],
        "thresholds": _thresholds(details.thresholds) if details.thresholds else None,
    }


def _slices(name: str, rows: Sequence[SliceMetrics]) -> Table:
    found = [
        (text(row.value or "(none)"), number(row.examples), *(number(given(row).get(m), ".3f") for m in METRICS))
        for row in rows
        if row.examples
    ]
    titles = (name.capitalize(), "Examples", "Accuracy", "Macro F1", "Loss")
    return Table(f"Metrics by {name}", titles, tuple(found))


def _thresholds(rows: Sequence[ThresholdMetrics]) -> Table:
    names = ("threshold", "precision", "recall", "f1", "accuracy")
    found = tuple(
        tuple(number(given(row)[name], ".2f" if name == "threshold" else ".3f") for name in names) for row in rows
    )
    return Table("Metrics by decision threshold", tuple(name.capitalize() for name in names), found)


def _filled(bins: tuple[CalibrationBin, ...]) -> list[CalibrationBin]:
    return [b for b in bins if b.examples and b.confidence is not None and b.accuracy is not None]


def _before(bins: tuple[CalibrationBin, ...]) -> Spec:
    """The curve without the temperature."""
    filled = _filled(bins)
    return {
        "type": "scatter", "mode": "markers+lines", "name": "without the temperature",
        "x": [b.confidence for b in filled], "y": [b.accuracy for b in filled],
        "customdata": [b.examples for b in filled], "line": {"color": "--second", "width": 1, "dash": "dot"},
        "marker": {"color": "--second", "size": 6, "symbol": "circle-open"},
        "hovertemplate": "without the temperature: confidence %{x:.1%}, accuracy %{y:.1%} (%{customdata} examples)"
        "<extra></extra>",
    }  # fmt: skip


def _figure(bins: tuple[CalibrationBin, ...], before: Uncalibrated | None) -> Figure:
    filled = _filled(bins)
    most = max((b.examples for b in filled), default=1)
    diagonal: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "name": "perfect calibration",
        "hoverinfo": "skip", "line": {"color": "--soft", "width": 1, "dash": "dash"},
    }  # fmt: skip
    found = {
        "type": "scatter", "mode": "markers+lines", "name": "model (marker size: number of examples)",
        "x": [b.confidence for b in filled], "y": [b.accuracy for b in filled],
        "customdata": [b.examples for b in filled], "line": {"color": "--accent", "width": 1},
        "marker": {"color": "--accent", "size": [6 + 14 * (b.examples / most) ** 0.5 for b in filled], "opacity": 1},
        "hovertemplate": "confidence %{x:.1%}, accuracy %{y:.1%} (%{customdata} examples)<extra></extra>",
    }  # fmt: skip
    rows = tuple(_bin(b) for b in filled)
    return Figure(
        data=[diagonal, *([_before(before.calibration)] if before else []), found],
        layout=layout(
            320,
            {**title("confidence"), "tickformat": ".0%", "range": [-0.03, 1.05]},
            {**title("accuracy"), "tickformat": ".0%", "range": [-0.03, 1.05]},
            margin={"l": 60, "r": 12, "t": 28, "b": 44},
        ),
        alt=f"Reliability diagram with {len(filled)} bins of confidence; the table lists them.",
        caption="Reliability diagram. Below the dashed line the model is overconfident, above it underconfident.",
        table=Table("Calibration by bin", ("Confidence above", "Examples", "Mean confidence", "Accuracy"), rows),
    )


def _bin(found: CalibrationBin) -> tuple[Cell, ...]:
    return (number(found.low, ".0%"), number(found.examples), number(found.confidence, ".3f"),
            number(found.accuracy, ".3f"))  # fmt: skip
