"""What the model takes for what: the confusion matrix, and how well each class is told from the others."""

from components.report.contracts import Confusion, Details, PerClass
from components.report.elements import Cell, Figure, Section, Spec, Table, layout, number, plain, text, title
from components.report.facts import Facts
from components.report.forms import read_form
from pipeline.core.errors import DataError

FEW = 16
"""So many classes at most have their counts written into the matrix."""
LISTED = 200
"""So many confusions at most are listed."""


def classes(facts: Facts) -> Section:
    """The section."""
    path = facts.path("ModelEvaluation") / "details.json"
    details = read_form(Details, path)
    sizes = {len(details.per_class), len(details.confusion.matrix), *map(len, details.confusion.matrix)}
    if len(sizes) > 1:
        raise DataError(f"{path}: as many classes as rows and columns are expected, found {sorted(sizes)}")
    ordered = sorted(details.per_class, key=lambda c: (-c.support, c.label))
    table = Table(
        "Every class, the largest first", ("Class", "F1", "Precision", "Recall", "Examples"),
        tuple((text(c.name), *(number(v, ".3f") for v in (c.f1, c.precision, c.recall)), number(c.support))
              for c in ordered),
    )  # fmt: skip
    order = [c.label for c in ordered]
    return Section("classes", "What it takes for what", shown={
        "figure": _figure(details.confusion, order, [c.name for c in ordered]),
        "table": table,
        "weakest": _weakest(details.per_class),
        "none": [c.name for c in ordered if c.support and not c.recall],
    })  # fmt: skip


def _weakest(per_class: tuple[PerClass, ...]) -> list[PerClass]:
    """The three classes of those with examples enough to tell that are told the worst."""
    enough = [c for c in per_class if c.support >= 10] or [c for c in per_class if c.support]
    return sorted(enough, key=lambda c: (c.f1, -c.support))[:3]


def _figure(confusion: Confusion, order: list[int], names: list[str]) -> Figure:
    counts = [[confusion.matrix[true][taken] for taken in order] for true in order]
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
            {**axis, **title("taken for"), "tickangle": -90 if len(order) > 2 else 0},
            {**axis, **title("true class"), "autorange": "reversed"},
            margin={"l": 20, "r": 4, "t": 4, "b": 20},
        ),
        alt=f"Confusion matrix of {len(order)} classes: {right:,} of {total:,} examples are on its diagonal. "
        f"The table of confusions below has every other one.",
        caption="Each row is a true class; the darker a cell, the more of the row was taken for its column. "
        "The largest classes come first.",
        table=_pairs(counts, names),
        least_width=420 if len(order) > FEW else 0,
    )


def _heatmap(counts: list[list[int]], shares: list[list[float]], names: list[str]) -> Spec:
    shown = {"text": counts, "texttemplate": "%{text}", "textfont": {"size": 11}} if len(names) <= FEW else {}
    return {
        "type": "heatmap", "x": names, "y": names, "z": [[share**0.5 for share in row] for row in shares],
        "customdata": [[[c, s] for c, s in zip(*rows, strict=True)] for rows in zip(counts, shares, strict=True)],
        # The root of the share: a twentieth is to be seen beside a whole.
        "zmin": 0, "zmax": 1, "colorscale": [[0, "--paper"], [0.02, "--faint"], [1, "--accent"]], "showscale": False,
        "xgap": 1, "ygap": 1, **shown,
        "hovertemplate": "%{y} taken for %{x}: %{customdata[0]} (%{customdata[1]:.1%} of it)<extra></extra>",
    }  # fmt: skip


def _pairs(counts: list[list[int]], names: list[str]) -> Table:
    found = [
        (count, names[true], names[taken], count / sum(row))
        for true, row in enumerate(counts)
        for taken, count in enumerate(row)
        if true != taken and count
    ]
    most = sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))
    rows: list[tuple[Cell, ...]] = [
        (text(true), text(taken), number(count), number(share, ".1%")) for count, true, taken, share in most[:LISTED]
    ]
    left = f": the {LISTED} most frequent of {len(most)}" if len(most) > LISTED else ""
    return Table(f"Every confusion{left}", ("True class", "Taken for", "Examples", "Share"), tuple(rows))
