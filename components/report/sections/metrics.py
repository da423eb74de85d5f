"""The table of metrics: this run's, their confidence intervals, and the differences from the baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.report.elements import Cell, Table, number, text
from schemas.contracts.blessing import Difference
from schemas.contracts.evaluation import METRICS, Interval, Intervals


@dataclass(frozen=True)
class Against:
    """The run that this run's metrics are compared with."""

    what: str
    """`the baseline`, `the previous run`."""
    run_id: str
    """Empty if it is not known."""
    metrics: Mapping[str, float]
    differences: Mapping[str, Difference] | None = None
    """Tested differences, on the same examples."""
    version: str = ""
    """`version 3 of reuters`; empty if it was not pushed."""


def metrics_table(
    metrics: Mapping[str, float], intervals: Intervals | None, against: Against | None, linear: Mapping[str, float]
) -> Table:
    """One row per metric. `linear`: the metrics of the linear model; empty if there is none."""
    order = [*(name for name in METRICS if name in metrics), *(name for name in metrics if name not in METRICS)]
    titles = ["Metric", "This run"]
    if intervals:
        titles.append(f"{intervals.level:.0%} interval")
    if linear:
        titles.append("Linear model")
    if against:
        titles += [against.what.removeprefix("the ").capitalize(), "Difference"]
    if against and against.differences:
        titles.append("95% interval of difference")
    rows = tuple(tuple(_row(name, metrics[name], intervals, against, linear)) for name in order)
    return Table("Metrics on the test split", tuple(titles), rows, sortable=False)


def _row(
    name: str, value: float, intervals: Intervals | None, against: Against | None, linear: Mapping[str, float]
) -> Iterator[Cell]:
    form = ".4f" if isinstance(value, float) else ","
    yield text(METRICS[name].title if name in METRICS else name.replace("_", " ").capitalize())
    yield number(value, form)
    if intervals:
        yield _interval(intervals.metrics.get(name), ".4f")
    if linear:
        yield number(linear.get(name), form)
    if against:
        old = against.metrics.get(name)
        tested = (against.differences or {}).get(name)
        same = tested.value if tested else value  # on the examples of the comparison, which may be fewer
        yield number(old, form)
        yield number(None if old is None else same - old, "+" + form, mark=_mark(name, same, old, tested))
        if against.differences:
            yield _interval(tested.interval if tested else None, "+.4f")


def _interval(ends: Interval | None, form: str) -> Cell:
    if ends is None:
        return number(None)
    shown = " … ".join(format(end, form).replace("-", "−") for end in ends)
    return Cell(shown, ends[0], number=True)


def _mark(name: str, value: float, old: float | None, tested: Difference | None) -> str:
    """Good or bad; empty if the difference is not significant."""
    if old is None or value == old or not isinstance(value, float) or (tested and not tested.significant):
        return ""
    return "good" if (value < old) == (name in METRICS and not METRICS[name].higher_is_better) else "bad"
