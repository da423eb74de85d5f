"""Coverage and precision: how many texts are answered from each confidence on, and how many answers are right."""

from collections.abc import Sequence
from typing import Any

from components.report.elements import Figure, Spec, Table, layout, number, title
from schemas.contracts.confidence import Answers, CoveragePoint


def answers_figure(answers: Answers, curve: Sequence[CoveragePoint]) -> Figure:
    """The curve of the test split, with the target and the chosen confidence."""
    line: Spec = {
        "type": "scatter", "mode": "lines+markers", "name": "test split",
        "x": [point.coverage for point in curve], "y": [point.precision for point in curve],
        "customdata": [point.answers_from for point in curve],
        "line": {"color": "--accent", "width": 2}, "marker": {"color": "--accent", "size": 4},
        "hovertemplate": "from confidence %{customdata:.3f}: answers %{x:.1%}, precision %{y:.1%}<extra></extra>",
    }  # fmt: skip
    target: Spec = {
        "type": "scatter", "mode": "lines", "x": [0, 1], "y": [answers.target] * 2, "name": "target",
        "hoverinfo": "skip", "line": {"color": "--soft", "width": 1, "dash": "dash"},
    }  # fmt: skip
    rows = tuple(
        (number(point.answers_from, ".4f"), number(point.coverage, ".1%"), number(point.precision, ".3f"))
        for point in curve
    )
    return Figure(
        data=[target, line, *_chosen(answers)],
        layout=layout(
            320,
            {**title("answered"), "tickformat": ".0%", "range": [-0.03, 1.05]},
            {**title("precision of the answers"), "tickformat": ".0%"},
            margin={"l": 60, "r": 12, "t": 28, "b": 44},
        ),
        alt=f"Precision by the share of test texts that are answered. {_words(answers)} The table lists the points.",
        caption=_words(answers),
        table=Table("Coverage and precision", ("From confidence", "Answered", "Precision"), rows),
    )


def _chosen(answers: Answers) -> list[dict[str, Any]]:
    if answers.precision is None or answers.precision_interval is None:
        return []
    low, high = answers.precision_interval
    error = {"type": "data", "array": [high - answers.precision], "arrayminus": [answers.precision - low],
             "color": "--second"}  # fmt: skip
    return [
        {
            "type": "scatter", "mode": "markers", "name": "chosen, with 95% interval",
            "x": [answers.coverage], "y": [answers.precision], "error_y": error,
            "marker": {"color": "--second", "size": 11, "symbol": "diamond"},
            "hovertemplate": "chosen: answers %{x:.1%}, precision %{y:.1%}<extra></extra>",
        }
    ]  # fmt: skip


def _words(answers: Answers) -> str:
    if answers.answers_from is None:
        return f"The model answers no text: no confidence reached the target precision of {answers.target:g}."
    if answers.precision is None or answers.precision_interval is None:
        return f"The model answers no test text from its confidence of {answers.answers_from:.4f}."
    low, high = answers.precision_interval
    return (
        f"From confidence {answers.answers_from:.4f} the model answers {answers.coverage:.1%} of the test texts, with "
        f"precision {answers.precision:.3f} (95% interval {low:.3f} … {high:.3f}, target {answers.target:g})."
    )
