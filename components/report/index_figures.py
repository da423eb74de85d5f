"""The charts of the index: a metric of all runs, over time and over spans."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from components.report.elements import Figure, Spec, layout, plain, title
from schemas.contracts.evaluation import METRICS

COLORS = ("--accent", "--second", "--third", "--fourth")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross")


class Measured(Protocol):
    """The part of a run that a chart shows."""

    @property
    def run_id(self) -> str:
        """Its name, which begins with its time: 20261124-041500."""

    @property
    def source(self) -> str:
        """The source of the data. Only runs with the same source are comparable."""

    @property
    def span(self) -> str:
        """The span of the data; empty if it has none."""

    @property
    def blessed(self) -> str:
        """`yes`, `no`, or empty if it was not evaluated."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Metrics by name."""


def over_time(runs: Sequence[Measured], metrics: Sequence[str]) -> Iterator[Figure]:
    """A figure for each metric, with a line for each source; x is the start of the run in UTC."""
    for name in metrics:
        measured = [run for run in runs if name in run.metrics]
        yield _figure(
            measured,
            name,
            {"title": {"text": "start of the run (UTC)", "standoff": 24}, "type": "date", "nticks": 6},
            when,
            "over time",
        )


def over_spans(runs: Sequence[Measured], metrics: Sequence[str]) -> Iterator[Figure]:
    """The same over spans. Only the last run of each span is shown."""
    for name in metrics:
        measured = {(run.source, run.span): run for run in runs if name in run.metrics and run.span}
        if measured:
            ordered = sorted(measured.values(), key=lambda run: run.span)
            yield _figure(ordered, name, {**title("span"), "type": "category"}, lambda run: run.span, "over spans")


def when(run: Measured) -> str:
    """The start of a run: `2026-11-24 04:15:00`."""
    day, clock = run.run_id.split("-")[:2]
    return f"{day[:4]}-{day[4:6]}-{day[6:8]} {clock[:2]}:{clock[2:4]}:{clock[4:6]}"


def _figure(runs: Sequence[Measured], name: str, axis: Mapping[str, Any], place: Any, how: str) -> Figure:
    names = short_names(run.source for run in runs)
    metric = METRICS[name]
    best = (max if metric.higher_is_better else min)(runs, key=lambda run: run.metrics[name])
    return Figure(
        data=[_line([run for run in runs if run.source == source], shown, name, place, n)
              for n, (source, shown) in enumerate(names.items())],
        layout=layout(300, axis, {"tickformat": ".3~p" if metric.higher_is_better else ".3~g"}, hovermode="closest",
                      showlegend=True, margin={"l": 60, "r": 12, "t": 28, "b": 60}),
        alt=f"{metric.title} of {len(runs)} runs {how}; the best is {best.metrics[name]:.4f}, of run {best.run_id}. "
        "The table below lists all runs.",
        caption=f"{metric.title} on the test split, {how}. Filled marks are blessed models.",
    )  # fmt: skip


def short_names(sources: Iterable[str]) -> dict[str, str]:
    """The sources, each once and in order, with their names: as few of the last folders as tell them apart."""
    parts = {source: source.split("/") for source in sources}
    for most in range(2, max(map(len, parts.values()), default=0)):
        short = {source: "/".join(folders[-most:]) for source, folders in parts.items()}
        if len({*short.values()}) == len(short):
            return short
    return {source: source for source in parts}


def _line(runs: Sequence[Measured], source: str, name: str, place: Any, number: int) -> Spec:
    color, symbol = COLORS[number % len(COLORS)], SYMBOLS[number % len(SYMBOLS)]
    return {
        "type": "scatter", "mode": "lines+markers", "name": plain(source),
        "x": [place(run) for run in runs], "y": [run.metrics[name] for run in runs],
        "text": [plain(run.run_id) for run in runs], "line": {"color": color, "width": 1},
        "marker": {"color": color, "size": 8, "line": {"width": 1.5, "color": color},
                   "symbol": [symbol if run.blessed == "yes" else f"{symbol}-open" for run in runs]},
        "hovertemplate": "%{text}<br>%{x}: %{y:.4f}<extra></extra>",
    }  # fmt: skip
