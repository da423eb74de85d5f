"""The data: documents, labels and lengths by split, data drift and anomalies."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from components.report.elements import Figure, Spec, Table, layout, log_axis, number, plain, text, title
from components.report.facts import AbsentError, Facts, read_if_there
from components.report.sections.copies import copies
from components.report.sections.drift import drift
from components.report.sections.text_statistics import text_statistics
from schemas.artifacts.data import ExampleAnomalies
from schemas.contracts.anomalies import Anomaly
from schemas.contracts.examples import ExampleCounts, SplitCounts

T = TypeVar("T")

SPLITS = {
    "train": ("--second", "circle-open"),
    "validation": ("--soft", "diamond-open"),
    "test": ("--accent", "circle"),
}
LINEAR = 20
"""The axis is linear if the most frequent label is less than this many times as frequent as the rarest."""
SEVERITIES = {"ERROR": "bad", "WARNING": "warn"}


def data(facts: Facts) -> dict[str, Any]:
    """Figures and tables, or why a part of them is missing."""
    splits = facts.read(ExampleCounts, "Examples").splits
    counts = {split: splits[split] for split in SPLITS if split in splits}
    anomalies, no_anomalies = _or_why(_anomalies, facts)
    texts, no_texts = _or_why(text_statistics, facts)
    copied, _ = _or_why(copies, facts)
    drifted, no_drift = _or_why(drift, facts)
    return {
        "figure": _labels({split: of.labels for split, of in counts.items()}),
        "splits": _splits(counts),
        "span": facts.properties("Examples").get("span"),
        "texts": texts,
        "no_texts": no_texts,
        "copies": copied or [],
        "drift": drifted,
        "no_drift": no_drift,
        "anomalies": anomalies,
        "no_anomalies": no_anomalies,
    }


def _or_why(part: Callable[[Facts], T], facts: Facts) -> tuple[T | None, str]:
    """A part of the section, or why it is missing."""
    try:
        return part(facts), ""
    except AbsentError as absent:
        return None, str(absent)


def _splits(counts: Mapping[str, SplitCounts]) -> Table:
    rows = [
        (text(split), number(of.examples), number(sum(1 for n in of.labels.values() if n)), number(of.empty_texts))
        for split, of in counts.items()
    ]
    return Table("Splits", ("Split", "Documents", "Labels", "Empty texts"), tuple(rows), sortable=False)


def _labels(labels: Mapping[str, Mapping[str, int]]) -> Figure:
    totals = {split: max(1, sum(found.values())) for split, found in labels.items()}
    names = sorted(labels["train"], key=lambda name: (-labels["train"][name], name))
    rows = tuple((text(name), *(number(labels[split].get(name, 0)) for split in labels)) for name in names)
    return Figure(
        data=[_dots(split, labels[split], totals[split], names) for split in labels],
        layout=layout(
            len(names) * 16 + 106,
            _share_axis(list(labels.values()), list(totals.values())),
            {
                "type": "category",
                "range": [len(names) - 0.4, -0.6],
                "automargin": True,
                "tickmode": "linear",
                "tickfont": {"size": 11, "color": "--ink"},
            },
            hovermode="closest",
            margin={"l": 48, "r": 12, "t": 28, "b": 56},
        ),
        alt=f"The share of each of {len(names)} labels in each split: the most frequent is {names[0]} ("
        f"{labels['train'][names[0]]:,} of {totals['train']:,} in train), the rarest {names[-1]} "
        f"({labels['train'][names[-1]]:,}).",
        caption="Labels, as shares of their split. If the marks of a label are far from each other, the splits differ.",
        table=Table("Documents by label and split", ("Label", *labels), rows),
    )


def _share_axis(labels: list[Mapping[str, int]], totals: list[int]) -> Spec:
    """Logarithmic if the most frequent label would hide the rare ones."""
    shares = [n / total for found, total in zip(labels, totals, strict=True) for n in found.values() if n]
    axis = {"tickformat": "~%", "showgrid": True}
    if max(shares) < LINEAR * min(shares):
        return {**title("share of the split"), "rangemode": "tozero", **axis}
    return {**log_axis("share of the split (log scale)", range(-6, 1)), **axis}


def _dots(split: str, found: Mapping[str, int], total: int, names: list[str]) -> Spec:
    color, symbol = SPLITS[split]
    return {
        "type": "scatter", "mode": "markers", "name": split, "y": [plain(name) for name in names],
        "x": [found.get(name, 0) / total or None for name in names],
        "customdata": [found.get(name, 0) for name in names],
        "marker": {"color": color, "symbol": symbol, "size": 8, "line": {"width": 1.5}},
        "hovertemplate": "%{y}: %{x:.2%} (%{customdata})",
    }  # fmt: skip


def _anomalies(facts: Facts) -> Table:
    found = read_if_there(tuple[Anomaly, ...], facts.path("ExampleAnomalies") / ExampleAnomalies.LIST)
    rows = [
        (text(a.severity, mark=SEVERITIES[a.severity]), text(a.split), text(a.feature),
         text(a.message, note=a.formula), number(a.value, ".4g"), number(a.threshold, ".4g"))
        for a in found
    ]  # fmt: skip
    return Table(
        "Found by ExampleValidator", ("Severity", "Split", "Feature", "Message", "Value", "Threshold"), tuple(rows)
    )
