"""The charts of the index: a line for each source, and never one through the runs of two."""

from dataclasses import dataclass, field

import pytest

from components.report.index_figures import over_spans, over_time, short_names


@dataclass
class Run:
    run_id: str
    source: str
    span: str
    blessed: str = "yes"
    metrics: dict[str, float] = field(default_factory=lambda: {"accuracy": 0.5})


A, B = "/data/day-{SPAN}/a.csv text=text label=label", "/data/day-{SPAN}/b.csv text=text label=label"
RUNS = [Run(f"2026112{n}-041500-0000", source, str(n)) for n, source in enumerate((A, B, A, "reuters", B), 1)]


def test_each_source_has_its_own_line() -> None:
    names = ["day-{SPAN}/a.csv text=text label=label", "day-{SPAN}/b.csv text=text label=label", "reuters"]
    for figures in (over_time(RUNS, ["accuracy"]), over_spans(RUNS, ["accuracy"])):
        [figure] = figures
        assert [line["name"] for line in figure.data] == names
        assert [line["text"] for line in figure.data] == [
            [run.run_id for run in RUNS if run.source == source] for source in (A, B, "reuters")
        ]


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["reuters", "imdb", "reuters"], ["reuters", "imdb"]),
        (["/x/a/t.csv", "/x/b/t.csv"], ["a/t.csv", "b/t.csv"]),
        (["/x/a/t.csv", "/y/a/t.csv"], ["x/a/t.csv", "y/a/t.csv"]),
        (["/a/t.csv", "a/t.csv"], ["/a/t.csv", "a/t.csv"]),
        ([], []),
    ],
)
def test_the_shortest_names_that_differ(sources: list[str], names: list[str]) -> None:
    assert list(short_names(sources).values()) == names
    assert list(short_names(sources)) == list(dict.fromkeys(sources))
