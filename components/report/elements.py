"""The parts of a report: tables that sort, and figures for plotly, as plain values. Light to import.

The colors of a figure are named after the variables of style.css, `--ink` and so on. The page replaces them by their
values in light mode, in dark mode and on paper.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, and the key that it is sorted by."""

    text: str
    key: float | str
    number: bool = False
    note: str = ""
    """A second line, smaller."""
    mark: str = ""
    """A class of style.css: good, bad, warn."""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """Named columns, and rows with one cell for each column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = True


@dataclass(frozen=True)
class Figure:
    """A chart: plotly's data and layout, and the same in words and in a table for readers who cannot see it."""

    data: list[Spec]
    layout: Spec
    alt: str
    caption: str
    table: Table | None = None
    least_width: int = 0
    """Pixels. On a narrower page the figure scrolls, the page does not."""

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.layout["height"])

    @property
    def spec(self) -> Spec:
        """The argument of plotly."""
        return {"data": self.data, "layout": self.layout}


def text(value: object, note: str = "", mark: str = "", link: str = "") -> Cell:
    """A cell with text."""
    return Cell(str(value), str(value).lower(), note=note, mark=mark, link=link)


def number(value: float | None, form: str = ",", note: str = "", mark: str = "") -> Cell:
    """A cell with a number in Python's format `form`; a dash for None."""
    if value is None:
        return Cell("–", "-Infinity", True, note, mark)
    return Cell(format(value, form if value else form.lstrip("+")).replace("-", "−"), value, True, note, mark)


def plain(value: object) -> str:
    """Text from the data, escaped for a chart: plotly formats text by its HTML tags."""
    return html.escape(str(value), quote=False)


def layout(height: int, x: Mapping[str, Any], y: Mapping[str, Any], **more: Any) -> Spec:
    """The layout that all charts share: no frame, faint lines, the page's own background. `x`, `y`: its axes."""
    axis = {"gridcolor": "--rule", "linecolor": "--soft", "tickcolor": "--rule", "zeroline": False, "fixedrange": True}
    font = {"family": "system-ui, sans-serif", "size": 12, "color": "--soft"}
    return {
        "height": height,
        "margin": {"l": 48, "r": 12, "t": 28, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": font,
        "dragmode": False,
        "hoverlabel": {"bgcolor": "--paper", "bordercolor": "--soft", "font": {**font, "color": "--ink"}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": "--ink"}},
        "xaxis": {**axis, "showgrid": False, "showline": True, "ticks": "outside", **x},
        "yaxis": {**axis, **y},
        **more,
    }


def log_axis(words: str, powers: range) -> Spec:
    """A logarithmic axis with the title `words` and a tick at 1, 2 and 5 times each power of ten."""
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return {**title(words), "type": "log", "tickvals": ticks}


def title(words: str) -> Spec:
    """The title of an axis."""
    return {"title": {"text": words, "standoff": 8}}
