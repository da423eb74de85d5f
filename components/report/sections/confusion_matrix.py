"""The confusion matrix, and the metrics of each class."""

from typing import Any

from components.report.elements import Cell, Figure, Spec, Table, layout, number, plain, text, title
from components.report.facts import Facts
from pipeline.core.errors import DataError
from schemas.contracts.evaluation import ClassMetrics, Confusion, Details

FEW = 16
"""With this many classes or fewer, the matrix shows its counts."""
LISTED = 200
"""The most confusions that are listed."""
ENOUGH = 10
"""Classes with fewer examples are not named as the weakest: their F1 is mostly chance."""


def confusion_matrix(facts: Facts) -> dict[str, Any]:
    """The matrix as a figure, and the classes as a table. Raises DataError if they are not of the same size."""
    details = facts.read(Details, "ModelEvaluation")
    sizes = {len(details.per_class), len(details.confusion.matrix), *map(len, details.confusion.matrix)}
    if len(sizes) > 1:
        path = facts.path("ModelEvaluation") / Details.FILE
        raise DataError(
            f"{path}: expected one row and one column for each class, found sizes {sorted(sizes)}; "
            "make the artifact again with --force=Evaluator"
        )
    ordered = sorted(details.per_class, key=lambda c: (-c.support, c.label))
    table = Table(
        "Metrics per class, largest class first", ("Class", "F1", "Precision", "Recall", "Examples"),
        tuple((text(c.name), *(number(v, ".3f") for v in (c.f1, c.precision, c.recall)), number(c.support))
              for c in ordered),
    )  # fmt: skip
    order = [c.label for c in ordered]
    return {
        "figure": _figure(details.confusion, order, [c.name for c in ordered]),
        "table": table,
        "weakest": _weakest(details.per_class),
        "none": [c.name for c in ordered if c.support and not c.recall],
    }


def _weakest(per_class: tuple[ClassMetrics, ...]) -> list[ClassMetrics]:
    """The three classes with the lowest F1, of those with enough examples."""
    enough = [c for c in per_class if c.support >= ENOUGH] or [c for c in per_class if c.support]
    return sorted(enough, key=lambda c: (c.f1, -c.support))[:3]


def _figure(confusion: Confusion, order: list[int], names: list[str]) -> Figure:
    counts = [[confusion.matrix[true][predicted] for predicted in order] for true in order]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    side = 34 if len(order) <= FEW else 14
    axis = {"type": "category", "showgrid": False, "ticks": "", "showline": False, "automargin": True,
            "tickfont": {"size": 12 if len(order) <= FEW else 9}, "tickmode": "linear"}  # fmt: skip
    right = sum(counts[i][i] for i in range(len(order)))
    total = sum(map(sum, counts))
    return Figure(
        data=[_heatmap(counts, shares, [plain(name) for name in names])],
        layout=layout(
            len(order) * side + 130,
            {**axis, **title("predicted class"), "tickangle": -90 if len(order) > 2 else 0},
            {**axis, **title("true class"), "autorange": "reversed"},
            margin={"l": 20, "r": 4, "t": 4, "b": 20},
        ),
        alt=f"Confusion matrix of {len(order)} classes: {right:,} of {total:,} examples are on its diagonal. "
        f"The table of confusions below lists the others.",
        caption="Each row is a true class. The darker a cell, the larger the part of the row that was predicted as its "
        "column. The largest classes come first.",
        table=_pairs(counts, names),
        least_width=420 if len(order) > FEW else 0,
    )


def _heatmap(counts: list[list[int]], shares: list[list[float]], names: list[str]) -> Spec:
    shown = {"text": counts, "texttemplate": "%{text}", "textfont": {"size": 11}} if len(names) <= FEW else {}
    return {
        "type": "heatmap", "x": names, "y": names, "z": [[share**0.5 for share in row] for row in shares],
        "customdata": [[[c, s] for c, s in zip(*rows, strict=True)] for rows in zip(counts, shares, strict=True)],
        # The square root of the share, so that a cell with a twentieth of its row is visible.
        "zmin": 0, "zmax": 1, "colorscale": [[0, "--paper"], [0.02, "--faint"], [1, "--accent"]], "showscale": False,
        "xgap": 1, "ygap": 1, **shown,
        "hovertemplate": "%{y} predicted as %{x}: %{customdata[0]} (%{customdata[1]:.1%} of the row)<extra></extra>",
    }  # fmt: skip


def _pairs(counts: list[list[int]], names: list[str]) -> Table:
    found = [
        (count, names[true], names[predicted], count / sum(row))
        for true, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    most = sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))
    rows: list[tuple[Cell, ...]] = [
        (text(true), text(predicted), number(count), number(share, ".1%"))
        for count, true, predicted, share in most[:LISTED]
    ]
    limited = f": the {LISTED} most frequent of {len(most)}" if len(most) > LISTED else ""
    return Table(f"All confusions{limited}", ("True class", "Predicted class", "Examples", "Share"), tuple(rows))
