"""The page of `watch`: the drift of each window, the checks, and the labels that were predicted."""

from collections.abc import Iterator

from components.report.elements import Cell, Figure, Table, layout, log_axis, number, plain, text
from components.report.page import render_template
from components.watch.baseline import in_order
from components.watch.checks import CHECKS, mean_confidence
from components.watch.result import damage_line, expected
from components.watch.windows import Watched, Window

LOWEST = 0.05
"""Smaller distances are drawn as this one, because the axis is logarithmic."""

LABELS = 15
"""The number of labels that are drawn, the most frequent ones."""

COLORS = ("--accent", "--second", "--good", "--third", "--fourth", "--warn", "--bad")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
"""So that the checks differ without color, too."""


def render(found: Watched) -> str:
    """Returns the page."""
    compared = [window for window in found.windows if window.results]
    last = compared[-1] if compared else None
    alarms = [(found.title(w), result) for w in reversed(found.windows) for result in w.alarms]
    return render_template("watch.html.jinja", {
        "found": found, "compared": len(compared), "last": last,
        "drifted": ", ".join(dict.fromkeys(result.title for _, result in alarms)),
        "distances": _distances(found, compared) if compared else None,
        "labels": _labels(found, last) if last else None,
        "checks": _checks(found, compared), "traffic": _traffic(found), "alarms": alarms,
        "expected": expected(found), "damages": [damage_line(damage) for damage in found.damages],
        "redacted": any(window.redacted for window in found.windows),
    })  # fmt: skip


def _distances(found: Watched, windows: list[Window]) -> Figure:
    names = [plain(found.title(window)) for window in windows]
    data = [
        {"type": "scatter", "mode": "markers+lines", "name": title, "x": names, "connectgaps": False,
         "y": [max(LOWEST, distance) if distance is not None else None for distance in _of(windows, name)],
         "line": {"color": color, "width": 1}, "marker": {"color": color, "size": 8, "symbol": symbol},
         "hovertemplate": f"%{{x}}: {title} %{{y:.2f}}<extra></extra>"}
        for (name, title), color, symbol in zip(CHECKS.items(), COLORS, SYMBOLS, strict=True)
    ]  # fmt: skip
    limit = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1,
             "line": {"color": "--bad", "width": 1, "dash": "dash"}}  # fmt: skip
    return Figure(
        data=data,
        layout=layout(360, {"type": "category"}, log_axis("value / threshold", range(-1, 3)), shapes=[limit],
                      margin={"l": 60, "r": 12, "t": 60, "b": 60}),
        alt=f"Value of each check divided by its threshold in {len(windows)} windows; the table lists them.",
        caption="Distance of each check from its threshold. Above the dashed line is drift",
    )  # fmt: skip


def _of(windows: list[Window], name: str) -> Iterator[float | None]:
    for window in windows:
        yield next((result.distance for result in window.results if result.name == name), None)


def _labels(found: Watched, window: Window) -> Figure:
    assert window.base
    sides = (("test split", window.base.labels, "--soft"), (found.title(window), window.traffic.labels, "--accent"))
    shown = list(in_order(window.base.labels + window.traffic.labels))[:LABELS]
    data = [
        {"type": "bar", "orientation": "h", "name": plain(name), "y": [plain(label) for label in shown[::-1]],
         "x": [labels[label] / max(labels.total(), 1) for label in shown[::-1]], "marker": {"color": color},
         "hovertemplate": "%{y}: %{x:.1%}<extra></extra>"}
        for name, labels, color in sides
    ]  # fmt: skip
    words = ", ".join(f"{label} {window.traffic.labels[label] / window.traffic.texts:.1%}" for label in shown)
    return Figure(
        data=data,
        layout=layout(120 + 30 * len(shown), {"tickformat": ".0%", "rangemode": "tozero"}, {"automargin": True}),
        alt=f"Share of each predicted label in {found.title(window)}: {words}.",
        caption=f"Predicted labels of the test split and of {found.title(window)}"
        + (f": the {LABELS} most frequent" if len(window.base.labels | window.traffic.labels) > LABELS else ""),
    )


def _checks(found: Watched, windows: list[Window]) -> Table:
    columns = ("Window", *(title.capitalize() for title in CHECKS.values()))
    rows = tuple((text(found.title(window)), *_results(window)) for window in reversed(windows))
    return Table("Value of each check, with its threshold", columns, rows)


def _results(window: Window) -> Iterator[Cell]:
    results = {result.name: result for result in window.results}
    for name in CHECKS:
        check = results[name].check if name in results else None
        note = f"threshold {check.threshold:.3g}" if check else ""
        yield number(check.value if check else None, ".3g", note=note, mark="bad" if check and check.alarm else "")


def _traffic(found: Watched) -> Table:
    columns = ("Window", "Version", "Texts", "Redacted", "Answered", "Mean confidence", "Mean words", "Result")
    return Table("Logged texts", columns, tuple(_row(window) for window in reversed(found.windows)))


def _row(window: Window) -> tuple[Cell, ...]:
    traffic = window.traffic
    words = sum(length * texts for length, texts in traffic.lengths.items()) / max(traffic.lengths.total(), 1)
    drift = ", ".join(result.title for result in window.alarms)
    mark = "warn" if window.why else "bad" if drift else "good"
    return (text(window.name), number(window.version, "d"), number(traffic.texts), number(window.redacted),
            number(traffic.answered / traffic.texts, ".1%"), number(mean_confidence(traffic.confidence), ".1%"),
            number(words, ".1f"), text(window.why or drift or "no drift", mark=mark))  # fmt: skip
