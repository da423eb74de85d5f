"""The table of metrics: this run's, how sure they are, and what they are held against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.report.contracts import Difference, Intervals
from components.report.elements import Cell, Table, number, text

LOWER_IS_BETTER = ("loss", "ece")
NAMES = {
    "loss": "Loss (mean cross-entropy, nats)",
    "accuracy": "Accuracy",
    "top_5_accuracy": "Right among the first five",
    "auc": "Area under the ROC curve",
    "macro_f1": "F1, mean over classes",
    "micro_f1": "F1, over examples",
    "ece": "Calibration error (ECE)",
}
"""The metrics that are told, in this order; those that are none of these come after, by their own name."""


@dataclass(frozen=True)
class Against:
    """What the run's metrics are held against."""

    what: str
    """`the baseline`, `the run before`."""
    run_id: str
    """Empty if it is not known."""
    metrics: Mapping[str, float]
    differences: Mapping[str, Difference] | None = None
    """Tested ones, on the same examples."""


def metrics_table(metrics: Mapping[str, float], intervals: Intervals | None, against: Against | None) -> Table:
    """Metrics by name → a row each."""
    order = [*(name for name in NAMES if name in metrics), *(name for name in metrics if name not in NAMES)]
    titles = ["Metric", "This run"]
    if intervals:
        titles.append(f"{intervals.level:.0%} interval")
    if against:
        titles += [against.what.capitalize(), "Difference"]
    if against and against.differences:
        titles.append("95% interval")
    rows = tuple(tuple(_row(name, metrics[name], intervals, against)) for name in order)
    return Table("On the test split", tuple(titles), rows, sortable=False)


def _row(name: str, value: float, intervals: Intervals | None, against: Against | None) -> Iterator[Cell]:
    form = ".4f" if isinstance(value, float) else ","
    yield text(NAMES.get(name, name.replace("_", " ").capitalize()))
    yield number(value, form)
    if intervals:
        yield _interval(intervals.metrics.get(name), ".4f")
    if against:
        old = against.metrics.get(name)
        tested = (against.differences or {}).get(name)
        yield number(old, form)
        yield number(None if old is None else value - old, "+" + form, mark=_mark(name, value, old, tested))
        if against.differences:
            yield _interval(tested.interval if tested else None, "+.4f")


def _interval(ends: tuple[float, ...] | None, form: str) -> Cell:
    if ends is None:
        return number(None)
    told = " … ".join(format(end, form).replace("-", "−") for end in ends)
    return Cell(told, ends[0], number=True)


def _mark(name: str, value: float, old: float | None, tested: Difference | None) -> str:
    """Good or bad; nothing where it is no more than noise."""
    if old is None or value == old or not isinstance(value, float) or (tested and not tested.significant):
        return ""
    return "good" if (value < old) == (name in LOWER_IS_BETTER) else "bad"
