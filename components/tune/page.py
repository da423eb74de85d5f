"""The report of a search: one page with its trials, the best loss so far, and the importance of each setting."""

from collections.abc import Mapping
from pathlib import Path

from components.report.elements import Cell, Figure, Table, layout, number, plain, text, title
from components.report.page import render_template, write
from components.tune.search import COMPLETE, FAILED, Search, Trial
from components.tune.space import Dimension

ROW = 30
"""Pixels of a bar in the chart of importances."""


def write_page(
    path: Path,
    study: str,
    space: Mapping[str, Dimension],
    search: Search,
    importances: Mapping[str, float],
    again: str,
) -> Path:
    """Writes the page. `again`: the command line that uses the best settings."""
    figures = [_losses(search), *([_importances(importances)] if importances else [])]
    return write(path, render_template("tune.html.jinja", {
        "study": study, "best": search.best, "first": search.trials[0], "trials": _trials(search, space),
        "space": _space(space, search), "figures": figures, "again": again,
        "count": len(search.trials),
    }))  # fmt: skip


def _losses(search: Search) -> Figure:
    complete = [trial for trial in search.trials if trial.state == COMPLETE]
    best = [min(t.measured.loss for t in complete[: n + 1]) for n in range(len(complete))]
    numbers = [trial.number for trial in complete]
    return Figure(
        data=[
            {"type": "scatter", "mode": "markers", "name": "trial", "x": numbers,
             "y": [trial.measured.loss for trial in complete], "marker": {"color": "--second", "size": 8},
             "hovertemplate": "trial %{x}: %{y:.4f}<extra></extra>"},
            {"type": "scatter", "mode": "lines", "name": "best so far", "x": numbers, "y": best,
             "line": {"color": "--accent", "width": 2, "shape": "hv"},
             "hovertemplate": "best so far: %{y:.4f}<extra></extra>"},
        ],
        layout=layout(300, {**title("Trial"), "tickformat": "d"}, {"tickformat": ".3~g"}, hovermode="closest"),
        alt=f"Validation loss of {len(complete)} complete trials; the lowest so far falls from {best[0]:.4f} to "
        f"{best[-1]:.4f}. The table below lists all trials.",
        caption="Validation loss (nats) of complete trials, and the lowest so far",
    )  # fmt: skip


def _importances(importances: Mapping[str, float]) -> Figure:
    names = list(importances)[::-1]
    words = ", ".join(f"{name} {value:.2f}" for name, value in importances.items())
    return Figure(
        data=[{"type": "bar", "orientation": "h", "x": [importances[name] for name in names],
               "y": [plain(name) for name in names], "marker": {"color": "--accent"},
               "hovertemplate": "%{y}: %{x:.2f}<extra></extra>"}],
        layout=layout(120 + ROW * len(names), {"tickformat": ".0%", "rangemode": "tozero"}, {"automargin": True}),
        alt=f"Importance of each setting: {words}.",
        caption="Share of each setting in the variance of the validation loss (fANOVA). With few trials this is a "
        "rough estimate",
    )  # fmt: skip


def _trials(search: Search, space: Mapping[str, Dimension]) -> Table:
    columns = ("Trial", "Validation loss", "Accuracy", "Epochs", "Seconds", "State", *space, "Run")
    return Table("All trials", columns, tuple(_row(trial, search.best) for trial in search.trials))


def _row(trial: Trial, best: Trial | None) -> tuple[Cell, ...]:
    failed, measured = trial.state == FAILED, trial.measured
    return (
        number(trial.number, "d", note="best" if trial is best else ""),
        number(None if failed else measured.loss, ".4f"), number(None if failed else measured.accuracy, ".4f"),
        number(trial.epochs, "d"), number(trial.seconds, ".1f"),
        text(trial.state, note=measured.error, mark="bad" if failed else ""),
        *(text(value) if isinstance(value, str) else number(value, "g") for value in trial.settings.values()),
        text(measured.run_id, mark="whole"),
    )  # fmt: skip


def _space(space: Mapping[str, Dimension], search: Search) -> Table:
    best = search.best.settings if search.best else {}
    rows = tuple(
        (text(name), text(dimension.shown), text(dimension.start), text(best.get(name, "")))
        for name, dimension in space.items()
    )
    return Table("Searched settings", ("Setting", "Values", "Start", "Best"), rows, sortable=False)
