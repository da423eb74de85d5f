"""What it was trained and measured on: documents, labels and lengths, drift and anomalies."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from components.report.data_contracts import Anomaly
from components.report.elements import Figure, Section, Spec, Table, layout, number, plain, text, title
from components.report.facts import Facts
from components.report.forms import AbsentError, parse, read_json
from components.report.sections.drift import drift
from components.report.sections.texts import text_statistics

T = TypeVar("T")

SPLITS = {
    "train": ("--second", "circle-open"),
    "validation": ("--soft", "diamond-open"),
    "test": ("--accent", "circle"),
}
LINEAR = 20
"""Up to so many times as frequent as the rarest may a label be on a linear axis."""
SEVERITIES = {"ERROR": "bad", "WARNING": "warn"}


def data(facts: Facts) -> Section:
    """The section."""
    splits = parse(Mapping[str, Any], read_json(facts.path("Examples") / "counts.json").get("splits"), "counts.json")
    counts = {split: splits[split] for split in SPLITS if split in splits}
    labels = {
        split: parse(Mapping[str, int], told["labels"], f"counts.json: {split}") for split, told in counts.items()
    }
    anomalies, no_anomalies = _or_why(_anomalies, facts)
    texts, no_texts = _or_why(text_statistics, facts)
    drifted, no_drift = _or_why(drift, facts)
    return Section("data", "The data", shown={
        "figure": _labels(labels), "splits": _splits(counts), "span": facts.properties("Examples").get("span"),
        "texts": texts, "no_texts": no_texts, "drift": drifted, "no_drift": no_drift,
        "anomalies": anomalies, "no_anomalies": no_anomalies,
    })  # fmt: skip


def _or_why(part: Callable[[Facts], T], facts: Facts) -> tuple[T | None, str]:
    """A part of the section, or why it is not there."""
    try:
        return part(facts), ""
    except AbsentError as absent:
        return None, str(absent)


def _splits(counts: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = [
        (text(split), number(told["examples"]), number(sum(1 for n in told["labels"].values() if n)),
         number(told["empty_texts"]))
        for split, told in counts.items()
    ]  # fmt: skip
    return Table("Splits", ("Split", "Documents", "Labels seen", "Empty texts"), tuple(rows), sortable=False)


def _labels(labels: Mapping[str, Mapping[str, int]]) -> Figure:
    totals = {split: max(1, sum(found.values())) for split, found in labels.items()}
    names = sorted(labels["train"], key=lambda name: (-labels["train"][name], name))
    rows = tuple((text(name), *(number(labels[split].get(name, 0)) for split in labels)) for name in names)
    return Figure(
        data=[_dots(split, labels[split], totals[split], names) for split in labels],
        layout=layout(
            len(names) * 16 + 90,
            _share_axis(list(labels.values()), list(totals.values())),
            {
                "type": "category",
                "range": [len(names) - 0.4, -0.6],
                "automargin": True,
                "tickmode": "linear",
                "tickfont": {"size": 11, "color": "--ink"},
            },
            hovermode="closest",
        ),
        alt=f"How often each of {len(names)} labels is in each split: {names[0]} most ("
        f"{labels['train'][names[0]]:,} of {totals['train']:,} in train), {names[-1]} least "
        f"({labels['train'][names[-1]]:,}).",
        caption="How often each label is, as a part of its split. Where the marks of a label lie apart, "
        "the splits differ.",
        table=Table("Documents by label and split", ("Label", *labels), rows),
    )


def _share_axis(labels: list[Mapping[str, int]], totals: list[int]) -> Spec:
    """Logarithmic where the most frequent label would hide the rare ones."""
    shares = [n / total for found, total in zip(labels, totals, strict=True) for n in found.values() if n]
    axis = {"tickformat": "~%", "showgrid": True}
    if max(shares) < LINEAR * min(shares):
        return {**title("part of the split"), "rangemode": "tozero", **axis}
    return {**title("part of the split, logarithmic"), "type": "log", "dtick": "D2", **axis}


def _dots(split: str, found: Mapping[str, int], total: int, names: list[str]) -> Spec:
    colour, symbol = SPLITS[split]
    return {
        "type": "scatter", "mode": "markers", "name": split, "y": [plain(name) for name in names],
        "x": [found.get(name, 0) / total or None for name in names],
        "customdata": [found.get(name, 0) for name in names],
        "marker": {"color": colour, "symbol": symbol, "size": 8, "line": {"width": 1.5}},
        "hovertemplate": "%{y}: %{x:.2%} (%{customdata})",
    }  # fmt: skip


def _anomalies(facts: Facts) -> Table:
    """What the validator found."""
    path = facts.path("ExampleAnomalies") / "anomalies.json"
    found = parse(tuple[Anomaly, ...], read_json(path), str(path))
    rows = [
        (text(a.severity, mark=SEVERITIES.get(a.severity, "")), text(a.split), text(a.feature),
         text(a.message, note=a.formula or ""), number(a.value, ".4g"), number(a.threshold, ".4g"))
        for a in found
    ]  # fmt: skip
    titles = ("Severity", "Split", "Feature", "What", "Value", "Limit")
    return Table("What the validator found", titles, tuple(rows))
