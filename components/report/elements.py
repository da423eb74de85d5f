"""What a report is made of: tables that sort, and figures for plotly, as plain values. Light to import.

A figure's colours are named, `--ink` and so on, after the variables of style.css: the page puts in what they are in
light, in dark and on paper.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Spec = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A table's cell: what is shown, and what it is sorted by."""

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
    """Columns by name, and rows of as many cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = True


@dataclass(frozen=True)
class Figure:
    """A chart: plotly's data and layout, and the same in words and in a table for those who do not see it."""

    data: list[Spec]
    layout: Spec
    alt: str
    caption: str
    table: Table | None = None
    least_width: int = 0
    """Pixels; on a narrower page the figure scrolls by itself."""

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.layout["height"])

    @property
    def spec(self) -> Spec:
        """What plotly is given."""
        return {"data": self.data, "layout": self.layout}


def text(value: object, note: str = "", mark: str = "", link: str = "") -> Cell:
    """A cell of words."""
    return Cell(str(value), str(value).lower(), note=note, mark=mark, link=link)


def number(value: float | None, form: str = ",", note: str = "", mark: str = "") -> Cell:
    """A cell of a number in Python's format `form`; a dash if there is none."""
    if value is None:
        return Cell("–", "-Infinity", True, note, mark)
    return Cell(format(value, form if value else form.lstrip("+")).replace("-", "−"), value, True, note, mark)


def plain(value: object) -> str:
    """A text from the data for a chart: plotly takes tags for formatting, and in words of a document they are none."""
    return html.escape(str(value), quote=False)


def layout(height: int, x: Mapping[str, Any], y: Mapping[str, Any], **more: Any) -> Spec:
    """The layout that all charts share: no frame, faint rules, the page's own background. `x`, `y`: its axes."""
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


def title(words: str) -> Spec:
    """An axis's title."""
    return {"title": {"text": words, "standoff": 8}}


@dataclass(frozen=True)
class Section:
    """A section of the report as its template takes it; `absent` says in one line why there is nothing to show."""

    name: str
    """Of its template, and of its place in the page."""
    heading: str
    absent: str = ""
    damaged: bool = False
    """Whether what is absent is there, but not as it must be."""
    shown: Mapping[str, Any] = field(default_factory=dict)
