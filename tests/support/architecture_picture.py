"""Draws docs/images/architecture.svg from the imports of the code and the layers contracts in pyproject.toml.

A band for each package, a row for each layer, a box for each folder. The arrows of a folder go to one layer of its
package: the one of which it imports most, and the nearest of several. The other folders that it imports are named in
its box, so that lines do not cross boxes.
"""

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from html import escape

import grimp

from tests.support.paths import PROJECT

WIDTH, MARGIN, TITLE, GAP = 1200, 24, 32, 30
NARROW, WIDE = 126, 250
"""The width of a box: in a row of more than four, and in other rows."""
HEIGHT = {NARROW: 96, WIDE: 58}
INK, GRAY, LINE = "#1f2933", "#52606d", "#7b8794"
FILL = {"components": "#e3f2e6", "schemas": "#fdf0d5", "pipeline": "#e1ecf9"}
CAPTION = {
    "components": "components/ : the steps of the pipeline, and what only they need",
    "schemas": "schemas/ : the form of the data that components exchange",
    "pipeline": "pipeline/ : the engine, which knows nothing of text or TensorFlow",
}
LEGEND = ("Arrows: imports of the layer that it uses most.", "Small print: the other imported folders.")
PLACE = {"app": 0.7, "report": 0.115, "text": 0.4, "models": 0.75, "shared": 0.115,
         "console": 0.3, "provenance": 0.7, "caching": 0.3, "metadata": 0.7, "remote": 0.12}  # fmt: skip
"""The center of a box as a share of the width, where the middle of its row would put it in the way of an arrow."""


@dataclass(frozen=True)
class Place:
    """Where a box is: the middle of its upper edge, its width, and its row."""

    x: float
    y: float
    width: int
    level: int = 0

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + HEIGHT[self.width]


Folders = dict[str, set[str]]
"""The folders that each folder imports: `pipeline.cli` → {`pipeline.core`, …}."""


def picture() -> str:
    """The SVG. It depends only on the imports between folders and on the contracts."""
    imports, bands, parts = _imports(), _layers(), []
    top = MARGIN + HEIGHT[WIDE] + GAP
    for package, rows in bands.items():
        height = TITLE + sum(HEIGHT[_width(row)] + GAP for row in rows) - GAP // 2
        parts.append(_band(package, top, height))
        parts.append(_inside(package, rows, imports, top + TITLE))
        top += height + GAP
    height = top - GAP // 2
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    title = "The folders of the code, highest layer first; imports go down only"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif" role="img">',
            f"<title>{title}</title>",
            '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">',
            f'<path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker>',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _box(
                Place(WIDTH / 2, MARGIN, WIDE),
                "run_local.py",
                "wires the components, starts the command line",
                "#f4f4f5",
            ),
            *(_text(165, MARGIN + 20 + 18 * n, 12, GRAY, line) for n, line in enumerate(LEGEND)),
            *parts,
            "</svg>\n",
        ]
    )


def _layers() -> dict[str, list[list[str]]]:
    """The rows of folders of each package, from the layers contracts; highest first."""
    tools = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = [c for c in tools["importlinter"]["contracts"] if c["type"] == "layers"]
    [order] = [c["layers"] for c in contracts if "containers" not in c]
    inside = {c["containers"][0]: c["layers"] for c in contracts if "containers" in c}
    return {
        package: [[name.strip("() ") for name in layer.split("|")] for layer in inside[package]] for package in order
    }


def _imports() -> Folders:
    graph = grimp.build_graph("pipeline", "schemas", "components", cache_dir=None)
    found: Folders = defaultdict(set)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            folder, other = _folder(module), _folder(imported)
            if folder != other and graph.find_children(other):  # not a single module, such as pipeline.version
                found[folder].add(other)
    return found


def _folder(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _inside(package: str, rows: list[list[str]], imports: Folders, top: float) -> str:
    """The boxes of one package, with arrows between them."""
    places: dict[str, Place] = {}
    for level, row in enumerate(rows):
        for number, name in enumerate(row):
            places[f"{package}.{name}"] = Place(_center(name, number, len(row)), top, _width(row), level)
        top += HEIGHT[_width(row)] + GAP
    arrows, boxes = [], []
    for folder, place in places.items():
        levels = Counter(places[other].level for other in imports[folder] if other in places)
        target = min(levels, key=lambda level: (-levels[level], level), default=None)
        pointed = {other for other in imports[folder] if other in places and places[other].level == target}
        arrows += [_arrow(place, places[other]) for other in sorted(pointed)]
        others = ", ".join(other.partition(".")[2] for other in sorted(imports[folder] - pointed))
        boxes.append(_box(place, folder.partition(".")[2], others, FILL[package]))
    return "\n".join(arrows + boxes)


def _width(row: list[str]) -> int:
    return NARROW if len(row) > 4 else WIDE


def _center(name: str, number: int, count: int) -> float:
    share = (number + 0.5) / count
    return MARGIN + (WIDTH - 2 * MARGIN) * PLACE.get(name, share)


def _band(package: str, top: float, height: float) -> str:
    x, center = MARGIN / 2, WIDTH / 2
    return (
        f'<line x1="{center}" y1="{top - GAP + 1}" x2="{center}" y2="{top - 3}" stroke="{LINE}" stroke-width="3" '
        f'marker-end="url(#tip)"/>\n'
        f'<rect x="{x}" y="{top}" width="{WIDTH - 2 * x}" height="{height}" rx="8" fill="#fafafa" stroke="#cbd2d9"/>\n'
        f'<text x="{x + 14}" y="{top + 21}" font-size="16" font-weight="bold" fill="{INK}">{CAPTION[package]}</text>'
    )


def _box(place: Place, name: str, note: str, fill: str) -> str:
    left, size = place.x - place.width / 2, 13 if place.width == NARROW else 15
    lines = _wrapped(note, int(place.width / 6.5))
    start = place.y + (HEIGHT[place.width] - 15 * len(lines) + 11) / 2
    parts = [
        f'<rect x="{left:.0f}" y="{place.y:.0f}" width="{place.width}" height="{HEIGHT[place.width]}" rx="5" '
        f'fill="{fill}" stroke="{GRAY}"/>',
        _text(place.x, start, size, INK, name),
    ]
    return "\n".join([*parts, *(_text(place.x, start + 16 + 15 * n, 11.5, GRAY, line) for n, line in enumerate(lines))])


def _text(x: float, y: float, size: float, color: str, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="middle" fill="{color}">{escape(text)}</text>'


def _wrapped(text: str, most: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _arrow(start: Place, target: Place) -> str:
    """A line to the upper edge of the target, on the side that it comes from."""
    end = target.x + 0.8 * target.width * (start.x - target.x) / WIDTH
    return (
        f'<line x1="{start.x:.0f}" y1="{start.bottom:.0f}" x2="{end:.0f}" y2="{target.y - 2:.0f}" stroke="{LINE}" '
        f'stroke-width="1.4" marker-end="url(#tip)"/>'
    )
