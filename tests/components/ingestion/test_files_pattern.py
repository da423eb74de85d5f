"""Patterns and spans: the files that match, the spans that are chosen, and the message of each error."""

from collections.abc import Callable
from pathlib import Path

import pytest

from components.ingestion.files.pattern import day_of, find_files, has_spans, span_name
from components.ingestion.files.settings import FilesSettings, parse_labels
from components.ingestion.files.spans import Spans
from pipeline.core.errors import ConfigError

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Returns a function that creates empty files under a folder and returns the folder."""

    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        return tmp_path

    return make


FOUND = [
    ("*.csv", ["a.csv", "b.csv", ".hidden.csv", "c.txt"], [("a.csv", ".csv", None), ("b.csv", ".csv", None)]),
    ("*", ["a.txt", "B.CSV", "c.dat.gz"], [("B.CSV", ".csv", None), ("a.txt", "", None), ("c.dat.gz", "", None)]),
    ("one.tsv", ["one.tsv", "two.tsv"], [("one.tsv", ".tsv", None)]),
    ("**/*.jsonl", ["x/a.jsonl", "x/y/b.jsonl"], [("x/a.jsonl", ".jsonl", None), ("x/y/b.jsonl", ".jsonl", None)]),
    ("d/[ab]?.csv.gz", ["d/a1.csv.gz", "d/c1.csv.gz"], [("a1.csv.gz", ".csv", None)]),
    ("d/x-0*", ["d/x-0.tfrecord-00000-of-00002"], [("x-0.tfrecord-00000-of-00002", ".tfrecord", None)]),
    ("d/*.gz", ["d/data_tfrecord-00000-of-00001.gz"], [("data_tfrecord-00000-of-00001.gz", ".tfrecord", None)]),
    ("s-{SPAN}/*.csv", ["s-3/a.csv", "s-10/a.csv", "s-x/a.csv"],
     [("s-10/a.csv", ".csv", 10), ("s-3/a.csv", ".csv", 3)]),
    ("s{SPAN:2}.csv", ["s03.csv", "s3.csv", "s003.csv"], [("s03.csv", ".csv", 3)]),
    ("{YYYY}-{MM}-{DD}/a.csv", ["1970-01-02/a.csv", "1970/a.csv"], [("1970-01-02/a.csv", ".csv", 1)]),
    ("{YYYY}/{MM}/{DD}/a.csv", ["2026/11/25/a.csv"], [("2026/11/25/a.csv", ".csv", 20_782)]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "files", "found"), FOUND, ids=[pattern for pattern, _, _ in FOUND])
def test_files_that_match(pattern: str, files: list[str], found: list[tuple[str, str, int | None]], make: Make) -> None:
    root = make(*files)
    assert [(file.name, file.format, file.span) for file in find_files(f"{root}/{pattern}")] == found


def test_a_relative_pattern_finds_the_same_files(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make("data/span-1/a.csv")
    monkeypatch.chdir(root)
    assert find_files("data/span-{SPAN}/*.csv") == find_files(f"{root}/data/span-{{SPAN}}/*.csv")


ONCE = ": expected {SPAN}, or {YYYY}, {MM} and {DD} together, each exactly once"
NOT_FOUND = [
    ("*.cvs", ["a.csv"], "--source={root}/*.cvs matches no file; {root} contains a.csv"),
    ("no/where/*.csv", ["a.csv"], "--source={root}/no/where/*.csv matches no file; {root} contains a.csv"),
    ("d", ["d/a.csv"], "--source={root}/d is a folder; name the files in it, such as --source='{root}/d/*.csv'"),
    ("{SPN}.csv", [], "--source={root}/{SPN}.csv: unknown placeholder {SPN}; did you mean 'SPAN'?"),
    ("{VERSION}.csv", [], "--source={root}/{VERSION}.csv: unknown placeholder {VERSION}; one of: DD, MM, SPAN, "
                          "YYYY"),
    ("{SPAN:0}.csv", [], "--source={root}/{SPAN:0}.csv: the width in {SPAN:0} must be from 1 to 18"),
    ("{SPAN:99999999999}.csv", [], "--source={root}/{SPAN:99999999999}.csv: the width in {SPAN:99999999999} must be "
                                   "from 1 to 18"),
    ("[{SPAN}].csv", ["[1].csv"], "--source={root}/[{SPAN}].csv matches no file; {root} contains [1].csv"),
    ("[z-a].csv", ["z.csv"], "--source={root}/[z-a].csv matches no file; {root} contains z.csv"),
    ("{YYYY}/{MM}.csv", [], "--source={root}/{YYYY}/{MM}.csv" + ONCE),
    ("{SPAN}{SPAN}.csv", [], "--source={root}/{SPAN}{SPAN}.csv" + ONCE),
    ("{YYYY}-{MM}-{DD}.csv", ["2026-02-30.csv"],
     "{root}/2026-02-30.csv: 2026-02-30 is not a valid date; rename the file or narrow --source"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "files", "message"), NOT_FOUND, ids=[pattern for pattern, _, _ in NOT_FOUND])
def test_invalid_patterns(pattern: str, files: list[str], message: str, make: Make) -> None:
    root = make("keep/x.csv", *files) if not files else make(*files)
    with pytest.raises(ConfigError) as caught:
        find_files(f"{root}/{pattern}")
    assert str(caught.value) == message.replace("{root}", str(root))


def test_two_folders_with_one_span(make: Make) -> None:
    root = make("s-1/a.csv", "s-01/a.csv")
    with pytest.raises(ConfigError, match=r"span 1 occurs twice: .*/a.csv and .*/a.csv; move one of them away"):
        find_files(f"{root}/s-{{SPAN}}/*.csv")


def test_dates_are_days_since_1970() -> None:
    assert [day_of("1970-01-01"), day_of("1987-02-26")] == [0, 6_265]
    assert span_name(6_265, dated=True) == "1987-02-26"
    assert (has_spans("a/*.csv"), has_spans("a-{SPAN}/*.csv")) == (False, True)


SPANS = Spans("s-{SPAN}", (1, 2, 4, 5))
GAPS = Spans("s-{SPAN}", (1, 2, 4, 5), allow_gaps=True)
DAYS = Spans("{YYYY}-{MM}-{DD}", (6_265, 6_266))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (lambda: SPANS.choose("latest", "held_out"), 5),
        (lambda: SPANS.choose("latest", "next_span"), 4),
        (lambda: GAPS.choose("latest", "next_span"), 4),
        (lambda: SPANS.choose("2", "held_out"), 2),
        (lambda: DAYS.choose("1987-02-26", "held_out"), 6_265),
        (lambda: DAYS.choose("6266", "held_out"), 6_266),
        (lambda: SPANS.window(5, 2), (4, 5)),
        (lambda: GAPS.window(5, 3), (4, 5)),
        (lambda: SPANS.next(1), 2),
        (lambda: GAPS.next(2), 4),
        (lambda: SPANS.series("4..5"), [4, 5]),
        (lambda: GAPS.series("2..9"), [2, 4, 5]),
        (lambda: DAYS.series("1987-02-26..1987-02-27"), [6_265, 6_266]),
    ],
)
def test_spans_that_are_chosen(chosen: Callable[[], object], expected: object) -> None:
    assert chosen() == expected


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (lambda: SPANS.choose("3", "held_out"), "s-{SPAN} has no span 3; existing spans: 1, 2, 4, 5"),
        (lambda: SPANS.choose("x", "held_out"), "--span=x: expected a number or 'latest'"),
        (lambda: DAYS.choose("1987", "held_out"), "{YYYY}-{MM}-{DD} has no span 1987; existing spans: 1987-02-26, "
                                                  "1987-02-27"),
        (lambda: DAYS.choose("26 Feb", "held_out"), "--span=26 Feb: expected a date YYYY-MM-DD or 'latest'"),
        (lambda: SPANS.window(4, 2), "the window 3..4: no file of s-{SPAN} for span 3; existing spans: 1, 2, 4, 5; "
                                     "shorten --window, or skip missing spans with --allow_gaps"),
        (lambda: SPANS.next(2), "--evaluate_on=next_span needs span 3 after 2; existing spans: 1, 2, 4, 5; choose "
                                "another span, or use --evaluate_on=held_out"),
        (lambda: SPANS.series("2..4"), "--spans=2..4: no file of s-{SPAN} for span 3; existing spans: 1, 2, 4, 5; "
                                       "name another range, or skip missing spans with --allow_gaps"),
        (lambda: SPANS.series("4"), "--spans=4: expected a range, such as --spans=1..N"),
        (lambda: SPANS.series("5..4"), "--spans=5..4: 5 comes after 4; swap them"),
        (lambda: GAPS.series("7..9"), "--spans=7..9: none of these spans exists; existing spans: 1, 2, 4, 5"),
    ],
)  # fmt: skip
def test_invalid_spans(chosen: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen()
    assert str(caught.value) == message


SPLITS = [
    ({}, ["a.csv", "b.csv"], "*.csv", {"a.csv": "", "b.csv": ""}),
    ({}, ["train/a.csv", "test/a.csv"], "*/*.csv", {"test/a.csv": "test", "train/a.csv": "train"}),
    ({}, ["train/a.csv"], "*/*.csv", {"train/a.csv": ""}),
    ({"span": 2, "window": 2}, ["1.csv", "2.csv", "3.csv"], "{SPAN}.csv", {"span 1's 1.csv": "", "span 2's 2.csv": ""}),
    ({"span": 2, "evaluate_on": "next_span"}, ["1.csv", "2.csv", "3.csv"], "{SPAN}.csv",
     {"span 2's 2.csv": "train", "span 3's 3.csv": "test"}),
    ({"span": 1}, ["1970-01-02/train/a.csv", "1970-01-02/test/a.csv"], "{YYYY}-{MM}-{DD}/*/a.csv",
     {"span 1970-01-02's 1970-01-02/test/a.csv": "test", "span 1970-01-02's 1970-01-02/train/a.csv": "train"}),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "files", "pattern", "splits"), SPLITS)
def test_the_split_of_each_file(
    settings: dict[str, object], files: list[str], pattern: str, splits: dict[str, str], make: Make
) -> None:
    spec = FilesSettings(source=f"{make(*files)}/{pattern}", **settings)  # type: ignore[arg-type]
    assert {given.shown: given.split for given in spec.split_files()} == splits


@pytest.mark.parametrize(
    ("settings", "files", "message"),
    [
        ({}, ["test/a.csv"], "all files are in folders test/, so there is nothing to train on; widen --source"),
        ({}, ["test/a.csv", "train/a.csv", "x/a.csv"], "{root}/x/a.csv is in neither of the folders train/ and "
                                                       "test/, but other files are in exactly one; move it or "
                                                       "narrow --source"),
        ({"test_fraction": 1.0}, [], "test_fraction must be above 0 and below 1, got 1.0"),
        ({"labels": ("a",)}, [], "--labels must name two or more different labels, got a"),
        ({"labels": ("a", "b", "a")}, [], "--labels must name two or more different labels, got a, b, a"),
        ({"label_column": "text"}, [], "text, label and id must be different columns, got text, text"),
        ({"text_column": ""}, [], "text, label and id must be different columns, got label"),
    ],
)  # fmt: skip
def test_invalid_settings(settings: dict[str, object], files: list[str], message: str, make: Make) -> None:
    root = make(*files)
    with pytest.raises(ConfigError) as caught:
        FilesSettings(source=f"{root}/*/*.csv", **settings).split_files()  # type: ignore[arg-type]
    assert str(caught.value) == message.replace("{root}", str(root))


def test_labels_are_separated_by_commas_or_lines() -> None:
    assert parse_labels("a, b,c") == ("a", "b", "c")
    assert parse_labels("a, b\nc\n\n") == ("a, b", "c")
    assert parse_labels("") == ()
