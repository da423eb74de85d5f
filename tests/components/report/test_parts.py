"""The parts of a report: the layers of the graph, the palette, text statistics."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import components.report
from components.report.layers import place
from components.report.sections.headline import _gain
from components.report.sections.metrics import Against, metrics_table
from components.report.sections.text_statistics import _bucket, _steps
from schemas.contracts.blessing import Difference

STYLE = (Path(components.report.__file__).parent / "templates" / "style.css").read_text()


GRAPH: dict[str, Sequence[str]] = {
    "Ingestion": (), "StatisticsGen": ("Ingestion",), "SchemaGen": ("StatisticsGen",),
    "ExampleValidator": ("StatisticsGen", "SchemaGen"), "Preprocessing": ("Ingestion", "ExampleValidator"),
    "ReferenceModel": ("Ingestion", "ExampleValidator"),
    "Trainer": ("Preprocessing",), "Evaluator": ("Ingestion", "Preprocessing", "Trainer", "ReferenceModel"),
    "InfraValidator": ("Ingestion", "Preprocessing", "Trainer"), "Pusher": ("Trainer", "Evaluator", "InfraValidator"),
}  # fmt: skip


def test_a_graph_is_drawn_in_layers_and_no_edge_crosses_a_node() -> None:
    points, ways = place(GRAPH)
    assert list(points) == list(GRAPH)
    assert len(set(points.values())) == len(points)
    for name, above in GRAPH.items():
        for other in above:
            way = ways[other, name]
            assert way[0] == points[other]
            assert way[-1] == points[name]
            assert [y for _, y in way] == [float(y) for y in range(int(way[0][1]), int(way[-1][1]) + 1)]
            assert not set(way[1:-1]) & set(points.values())
    assert place({"Alone": ()}) == ({"Alone": (0.0, 0.0)}, {})
    assert place({"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")})[0] == {
        "a": (0.0, 0.0), "b": (-0.5, 1.0), "c": (0.5, 1.0), "d": (0.0, 2.0)}  # fmt: skip


def luminance(color: str) -> float:
    """WCAG 2.2's relative luminance of `#rrggbb`: 0..1."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio: 1..21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes() -> list[dict[str, str]]:
    blocks = re.findall(r":root(?::not\(\[data-print\]\))? \{(.*?)\}", STYLE, flags=re.DOTALL)[:2]
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in blocks]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_color_has_enough_contrast(scheme: int) -> None:
    """WCAG AA: 4.5 for text; the colors of charts are used for text too."""
    palette = palettes()[scheme]
    assert set(palette) == {"paper", "ink", "soft", "rule", "faint", "accent", "second", "good", "bad", "warn", "third",
                            "fourth"}  # fmt: skip
    text = {name: round(contrast(color, palette["paper"]), 2) for name, color in palette.items()
            if name not in ("paper", "rule", "faint")}  # fmt: skip
    assert {name: ratio for name, ratio in text.items() if ratio < 4.5} == {}


def test_lengths_are_put_into_buckets_without_rounding() -> None:
    assert [_bucket(words) for words in (1, 2, 3, 4, 8, 2**20)] == [0, 3, 4, 6, 9, 60]
    drawn = _steps("train", {0: 5, 1: 2, 2: 1, 3: 2})
    assert drawn["y"] == [0.2, 0.0, 0.0, 0.1, 0.2]
    assert drawn["x"] == [1.1, 1.4, 1.8, 2.2, 2.8]


def test_a_difference_is_that_of_the_same_examples() -> None:
    """With a new label the models are compared on fewer examples than `This run` is measured on."""
    tested = Difference(value=0.910, against=0.908, difference=0.002, interval=(-0.022, 0.027), margin=0.049,
                        test="McNemar", p_value=0.9, significant=False)  # fmt: skip
    against = Against("the baseline", "run", {"accuracy": 0.908}, {"accuracy": tested})
    [row] = metrics_table({"accuracy": 0.889}, None, against, {}).rows
    assert [cell.text for cell in row] == ["Accuracy", "0.8890", "0.9080", "+0.0020", "−0.0220 … +0.0270"]
    assert _gain(0.889, against) == pytest.approx(0.2)
