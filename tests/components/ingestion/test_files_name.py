"""The names of a source of your own files: exact for the record, short for servers; what follows from them."""

import re
from pathlib import Path
from typing import Any

import pytest

import run_local
from components.app.config import make_config
from components.example_validator.previous import previous_span
from components.ingestion.files.name import exact_name, short_name
from pipeline.cli.command_line import parse
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord, ExecutionRecord

SHORT = [
    ("/d/tickets.csv", "tickets"),
    ("/d/Tickets.CSV.gz", "tickets"),
    ("/d/tickets-2024-01.csv", "tickets"),
    ("/d/2024_tickets.tsv", "tickets"),
    ("/d/tickets/{YYYY}-{MM}-{DD}.csv", "tickets"),
    ("/d/tickets-{SPAN:3}.jsonl", "tickets"),
    ("/d/{SPAN}_tickets.ndjson", "tickets"),
    ("/d/day-{SPAN}/tickets.csv", "tickets"),
    ("/d/tickets[0-9].csv", "tickets"),
    ("/d/*-tickets.csv", "tickets"),
    ("/d/tickets/*.csv", "tickets"),
    ("/d/tickets/**/*.csv", "tickets"),
    ("/d/tickets/{SPAN}/*/*.csv", "tickets"),
    ("/d/tickets/month-{SPAN}/*.jsonl", "tickets"),
    ("/d/tickets/train/*.csv", "tickets"),
    ("/d/tickets/2024-01/*.csv", "tickets"),
    ("/d/data_tfrecord-*-of-*.gz", "data_tfrecord"),
    ("/d/my tickets (new).csv", "my-tickets-new"),
    ("/d/été.csv", "ete"),
    ("/d/文章.csv", "d"),
    ("/*.csv", "files"),
    ("/{SPAN}.csv", "files"),
    (f"/{'a' * 200}.csv", "a" * 100),
]


@pytest.mark.parametrize(("pattern", "name"), SHORT)
def test_the_name_for_servers(pattern: str, name: str) -> None:
    assert short_name(pattern) == name
    assert re.fullmatch(r"[A-Za-z][\w-]{0,99}", name)


EXACT = [
    (("/d/*.csv", "text", "label", ""), "/d/*.csv text=text label=label"),
    (("/d/*.csv", "body", "label", ""), "/d/*.csv text=body label=label"),
    (("/d/*.csv", "text", "label", "key"), "/d/*.csv text=text label=label id=key"),
    (("/d/*.csv", "text", "label id=key", ""), "/d/*.csv text=text label='label id=key'"),
    (("/d/?.csv", "text", "label", ""), "/d/?.csv text=text label=label"),
    (("/d/\udcff.csv", "text", "label", ""), "/d/\\udcff.csv text=text label=label"),  # a name that is not UTF-8
]


def test_the_exact_name() -> None:
    assert [exact_name(*given) for given, _ in EXACT] == [name for _, name in EXACT]
    assert len({name for _, name in EXACT}) == len(EXACT)


@pytest.mark.parametrize(
    ("file", "flags", "name"),
    [
        ("tickets.csv", (), "tickets"),
        ("reuters/*.csv", (), "reuters-files"),  # not versions of the model of the published data set
        ("tickets.csv", ("--served_as=support",), "support"),
    ],
)
def test_the_default_of_served_as(file: str, flags: tuple[str, ...], name: str, tmp_path: Path) -> None:
    (tmp_path / "reuters").mkdir()
    for path in ("tickets.csv", "reuters/a.csv"):
        (tmp_path / path).write_text("text,label\na,b\n")
    _, call = parse(run_local.APP, ["run_local.py", "run", "--dataset=files", f"--source={tmp_path}/{file}", *flags])
    config = make_config(call.values, "files")
    assert config.pusher.served_as == name
    assert config.ingestion.source_name == f"{tmp_path}/{file} text=text label=label"


class Record:
    """The part of a MetadataStore that is used. `made`: the properties of statistics, oldest first."""

    def __init__(self, made: list[dict[str, Any]]) -> None:
        self.made = [ArtifactRecord("ExampleStatistics", f"s{n}", "", given, 10 + n) for n, given in enumerate(made)]

    def producer(self, _: int) -> ExecutionRecord:
        return ExecutionRecord("n", "StatisticsGen", "", "", "", {})

    def recent(self, component: str, _: int) -> list[ExecutionRecord]:
        assert component == "StatisticsGen"
        return [
            ExecutionRecord("n", component, "", "", "", {}, outputs={"statistics": record})
            for record in reversed(self.made)
        ]


def span(number: int, file: str = "a", column: str = "text") -> dict[str, Any]:
    return {"source": exact_name(f"/d/{file}-{{SPAN}}.csv", column, "label", ""), "span": number}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([span(1), span(2)], "s1"),
        ([span(1), span(2, file="b")], "s0"),
        ([span(1), span(2, column="body")], "s0"),
        ([span(1, file="b"), span(2, file="b")], None),
        ([{"source": "files", "span": 2}], None),  # of an earlier version: which files is not recorded
        ([span(3), span(4)], None),
    ],
)
def test_the_previous_span_is_of_the_same_source(made: list[dict[str, Any]], expected: str | None) -> None:
    inputs = {"statistics": ArtifactRecord("ExampleStatistics", "now", "", span(3), 99)}
    found = previous_span(Record(made), Asking("ExampleValidator", {}), inputs)  # type: ignore[arg-type]
    assert (found.uri if found else None) == expected
