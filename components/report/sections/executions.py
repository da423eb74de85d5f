"""The components of the run as a graph and as a table: how each ended, and why it ran."""

from collections.abc import Iterator
from typing import Any

from components.report.elements import Cell, Figure, Spec, Table, layout, number, plain, text
from components.report.facts import AbsentError, Facts, Step
from components.report.layers import Point, place
from pipeline.provenance.explain import Explanation, explain

MARKS = {"EXECUTED": "good", "FAILED": "bad", "SKIPPED": "warn", "RUNNING": "warn"}
_COLORS = {"EXECUTED": "--good", "FAILED": "--bad", "SKIPPED": "--warn", "RUNNING": "--warn", "CACHED": "--soft"}
BOX = (118, 34)
"""Width and height of a node in pixels. The longest name of a component has 16 letters."""
ROW, COLUMN = 66, 124
"""Pixels between the centers of two nodes."""
HALF = BOX[1] / 2 / ROW
"""Half a node's height, in rows."""


def executions(facts: Facts) -> dict[str, Any]:
    """The graph and the table. Raises AbsentError if no component has started."""
    if not facts.steps:
        raise AbsentError("No component of this run has started.")
    table = Table(
        "Components of this run",
        ("Component", "Status", "Seconds", "Reason"),
        tuple(_row(facts, step) for step in facts.steps),
    )
    return {"figure": _figure(facts.steps), "table": table}


def _row(facts: Facts, step: Step) -> tuple[Cell, ...]:
    causes = _root_causes(explain(facts.store, step.execution)) if step.status == "EXECUTED" and step.execution else ()
    further = [cause for cause in dict.fromkeys(causes) if cause not in step.reason]
    reason = text(step.reason, note=f"root cause: {', '.join(further)}" if further else "")
    return text(step.name), text(step.status, mark=MARKS.get(step.status, "")), number(step.seconds, ",.2f"), reason


def _root_causes(explanation: Explanation) -> Iterator[str]:
    """The changes that other changes follow from."""
    for cause in explanation.causes:
        if cause.because is None:
            yield cause.phrase
        else:
            yield from _root_causes(cause.because)


def _figure(steps: tuple[Step, ...]) -> Figure:
    # Inputs from earlier runs, such as a baseline, are not edges of this run.
    names = [step.name for step in steps]
    points, ways = place({s.name: [o for o in s.upstream if o in names[:n]] for n, s in enumerate(steps)})
    widest = max(abs(x) for way in [*ways.values(), list(points.values())] for x, _ in way)
    deepest = max(y for _, y in points.values())
    hidden = {"visible": False, "fixedrange": True}
    return Figure(
        data=[_line(way) for way in ways.values() if len(way) > 2] + [_hover(steps, points)],
        layout=layout(
            int((deepest + 0.9) * ROW) + 8,
            {**hidden, "range": [-widest - 0.5, widest + 0.5]},
            {**hidden, "range": [deepest + 0.45, -0.45]},
            margin={"l": 0, "r": 0, "t": 4, "b": 4},
            showlegend=False,
            annotations=[_arrow(way) for way in ways.values()] + [_box(step, points[step.name]) for step in steps],
        ),
        alt=f"The components from top to bottom, each below the components it reads from. {_in_words(steps)}",
        caption="The pipeline. Data flows downwards. Hover over a component to see its reason.",
        least_width=int((2 * widest + 1) * COLUMN),
    )


def _in_words(steps: tuple[Step, ...]) -> str:
    words = [f"{s.name} ({s.status}) reads from {' and '.join(s.upstream) or 'outside'}" for s in steps]
    return "; ".join(words) + "."


def _line(way: list[Point]) -> Spec:
    """An edge that passes other layers: straight down next to their nodes, up to the start of its arrow."""
    passed = [(x, y + side) for x, y in way[1:-1] for side in (-HALF, HALF)]
    down = [(way[0][0], way[0][1] + HALF), *passed]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for x, _ in down],
        "y": [y for _, y in down],
        "line": {"color": "--soft", "width": 1, "shape": "spline", "smoothing": 0.5},
        "hoverinfo": "skip",
    }


def _arrow(way: list[Point]) -> Spec:
    (x0, y0), (x1, y1) = way[-2:]
    return {
        "x": x1, "y": y1 - HALF, "ax": x0, "ay": y0 + HALF, "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
        "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1, "arrowwidth": 1, "arrowcolor": "--soft",
        "standoff": 1,
    }  # fmt: skip


def _box(step: Step, point: Point) -> Spec:
    took = f" · {step.seconds:.1f} s" if step.seconds is not None and step.status == "EXECUTED" else ""
    return {
        "x": point[0], "y": point[1], "showarrow": False, "width": BOX[0] - 10, "height": BOX[1] - 8, "borderpad": 4,
        "text": f"<b>{plain(step.name)}</b><br>{step.status.lower()}{took}",
        "font": {"size": 11, "color": "--ink"}, "bgcolor": "--paper",
        "bordercolor": _COLORS.get(step.status, "--soft"),
        "borderwidth": 2 if step.status in ("EXECUTED", "FAILED") else 1,
    }  # fmt: skip


def _hover(steps: tuple[Step, ...], points: dict[str, Point]) -> Spec:
    """An invisible marker under each box, which shows the reason when the user hovers over it."""
    shown = [f"<b>{plain(step.name)}</b><br>{plain(step.reason[:200])}" for step in steps]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [points[step.name][0] for step in steps],
        "y": [points[step.name][1] for step in steps],
        "marker": {"size": BOX[1], "opacity": 0},
        "text": shown,
        "hovertemplate": "%{text}<extra></extra>",
    }
