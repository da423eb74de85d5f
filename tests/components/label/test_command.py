"""`label` on files: the table that it writes, and what `--check` says of a table that comes back."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.components.label.conftest import Label

Rows = list[dict[str, str]]

TEXTS = [" ".join(f"word{(n * k) % 37}" for k in range(1, 4 + n % 9)) for n in range(60)]


def write_csv(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "new.csv", [{"n": str(n), "text": text, "chosen": "x"} for n, text in enumerate(TEXTS)])


def test_the_table_has_ids_texts_suggestions_and_all_columns(label: Label, source: Path, tmp_path: Path) -> None:
    ran = label(source, "--count=20", f"--output={tmp_path / 'to.csv'}")
    assert ran.code == 0, ran.err
    rows = read_csv(tmp_path / "to.csv")
    assert list(rows[0]) == ["id", "text", "label", "suggested_label", "probability", "chosen", "n", "chosen_2"]
    assert [row["chosen"] for row in rows] == ["random"] * 4 + ["margin"] * 16
    for row in rows:
        n = int(row["n"])
        expected = (f"new.csv:{n + 2}", TEXTS[n], "", "x")
        assert (row["id"], row["text"], row["label"], row["chosen_2"]) == expected
        assert row["suggested_label"] in ("topic 0", "topic 1", "topic 2")
        assert 1 / 3 - 1e-4 <= float(row["probability"]) <= 1
    assert "texts are compared by their probabilities alone" in ran.out
    assert "20 of 60 texts, 16 by margin and 4 at random, by toy version 1" in ran.out


FORMS: dict[str, Callable[[Path], Path]] = {
    "csv": lambda path: write_csv(path / "a.csv", [{"id": f"i{n}", "text": text} for n, text in enumerate(TEXTS)]),
    "jsonl, as a log of requests": lambda path: _lines(path / "a.jsonl", [
        {"id": f"i{n}", "time": "2026-11-28T00:00:00Z", "text": text, "label": "topic 1", "probability": 0.5}
        for n, text in enumerate(TEXTS)
    ]),
}  # fmt: skip


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("form", FORMS)
def test_the_same_texts_are_chosen_again_and_from_every_format(form: str, label: Label, tmp_path: Path) -> None:
    given = FORMS[form](tmp_path)
    for name in ("one.tsv", "one.tsv", "two.csv"):  # the same file again replaces its request
        ran = label(given, "--id_column=id", "--count=10", f"--output={tmp_path / name}", "--json")
        assert ran.code == 0, ran.err
    first = {line.split("\t")[0] for line in (tmp_path / "one.tsv").read_text().splitlines()[1:]}
    second = {row["id"] for row in read_csv(tmp_path / "two.csv")}
    assert len(first) == len(second) == 10
    assert not first & second
    assert json.loads(ran.out)["known_texts"] == 10
    again = label(given, "--id_column=id", "--count=10", f"--output={tmp_path / 'one.tsv'}", "--seed=42")
    assert again.code == 0, again.err


def test_equal_texts_and_empty_ones_are_not_chosen(label: Label, tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("word1 word2", "Word1, word2!", "", "word3", "—")]
    ran = label(write_csv(tmp_path / "a.csv", rows), "--count=9", f"--output={tmp_path / 'to.csv'}", "--json")
    assert sorted(row["id"] for row in read_csv(tmp_path / "to.csv")) == ["a.csv:2", "a.csv:5"]
    found = json.loads(ran.out)
    assert (found["rows"], found["margin"] + found["random"], found["equal_texts"]) == (5, 2, 1)


@pytest.fixture
def asked(label: Label, source: Path, tmp_path: Path) -> Rows:
    """The table of 20 texts, with the suggested labels as labels, but one at random that is wrong."""
    assert label(source, "--count=20", f"--output={tmp_path / 'to.csv'}").code == 0
    rows = read_csv(tmp_path / "to.csv")
    for number, row in enumerate(rows):
        other = "topic 1" if row["suggested_label"] != "topic 1" else "topic 2"
        row["label"] = other if number == 0 else row["suggested_label"]
    return rows


def test_a_labeled_table_measures_the_model_on_texts_at_random(asked: Rows, label: Label, tmp_path: Path) -> None:
    ran = label(f"--check={write_csv(tmp_path / 'done.csv', asked[:-2])}")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "18 of 20 texts are labeled",
        "the suggested label is right: 14 of 14 by margin, 3 of 4 at random",
        "accuracy of toy version 1 on texts like these, by those at random: 0.750 (95 % interval 0.301 to 0.954)",
        f"{tmp_path / 'done.csv'} can be the next span",
    ]


Change = Callable[[Rows], Rows]


def changed(row: int, **values: str) -> Change:
    return lambda rows: [{**given, **(values if n == row else {})} for n, given in enumerate(rows)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(3, id="new.csv:999"), "1 row with an id that label did not ask for: new.csv:999; delete them, or"),
        (lambda rows: [{**row, "id": f"x{n}"} for n, row in enumerate(rows)], "20 rows with an id that label did not"),
        (lambda rows: [*rows, rows[2]], "1 row with an id of an earlier row: new.csv:"),
        (changed(5, text="word1 other words"), "1 row with a changed text: new.csv:"),
        (changed(5, label=" "), "1 row with no label: new.csv:"),
        (changed(5, label="topic1"), "1 row with label 'topic1', which toy does not know; did you mean 'topic 1'?"),
        (lambda rows: [{k: v for k, v in row.items() if k != "label"} for row in rows], "no column 'label'"),
        (lambda rows: [{k: v for k, v in row.items() if k != "id"} for row in rows], "no column 'id'"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_the_one_asked_for(
    change: Change, message: str, asked: Rows, label: Label, tmp_path: Path
) -> None:
    ran = label(f"--check={write_csv(tmp_path / 'done.csv', change(asked))}")
    assert message in ran.err
    assert (ran.code, ran.out) == (3, "")


def test_all_faults_are_in_one_message(asked: Rows, label: Label, tmp_path: Path) -> None:
    for change in (changed(1, label=""), changed(2, text="other"), changed(3, id="x"), changed(4, label="new")):
        asked = change(asked)
    ran = label(f"--check={write_csv(tmp_path / 'done.csv', asked)}")
    assert [part in ran.err for part in ("no label", "a changed text", "did not ask for: x", "label 'new'")] == [
        True
    ] * 4


def test_a_table_that_a_spreadsheet_saved_is_the_same(asked: Rows, label: Label, tmp_path: Path) -> None:
    """A byte order mark, semicolons, CRLF, other white space and another order of rows change nothing."""
    path = tmp_path / "done.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(asked[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({**row, "text": row["text"].replace(" ", "  ")} for row in reversed(asked))
    assert label(f"--check={path}").code == 0


def test_a_new_label_may_be_allowed(asked: Rows, label: Label, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "done.csv", changed(1, label="sports")(asked))
    ran = label(f"--check={path}", "--allow_new_labels", "--json")
    assert (ran.code, json.loads(ran.out)["new_labels"]) == (0, ["sports"]), ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "label needs files and --output, such as"),
        (["{f}"], 2, "label needs files and --output, such as"),
        (["{f}", "--output={d}/o.jsonl"], 2, "o.jsonl: its name must end with .csv or .tsv"),
        (["{f}", "--output={f}"], 2, "is also read; name another file"),
        (["{f}", "--output={d}/o.csv", "--count=0"], 2, "--count"),
        (["{f}", "--output={d}/o.csv", "--random_share=1.5"], 2, "--random_share must be in 0..1, got 1.5"),
        (["{f}", "--output={d}/o.csv", "--label_column=text"], 2, "must be different columns, got id, text, text"),
        (["{f}", "--output={d}/o.csv", "--model=tox"], 2, "has no model 'tox'; did you mean 'toy'?"),
        (["{f}x", "--output={d}/o.csv"], 2, "new.csvx matches no file"),
        (["{f}", "--output={d}/o.csv", "--text_column=tex"], 3, "has no column 'tex'"),
        (["{f}", "--output={d}/o.csv", "--id_column=m"], 3, "has no column 'm'; one of: chosen, n, text"),
        (["{f}", "--output={d}/o.csv", "--id_column=chosen"], 3, "is used twice: 'x'; choose another --id_column"),
        (["{d}/empty.csv", "--output={d}/o.csv"], 3, "none of the 1 rows can be chosen"),
        (["{d}/bad.csv", "--output={d}/o.csv"], 3, "1 row cannot be used (0 allowed by --max_bad_rows)"),
        (["{f}", "--check={f}"], 2, "label takes --check or files to choose from, not both"),
        (["--check={d}/none.csv"], 2, "none.csv is not a file; name the labeled table"),
        (["--check={f}"], 2, "has no request for labels; name the --pipeline_root of the request"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen(
    arguments: list[str], code: int, message: str, label: Label, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_text("text,n\n-,1\n")
    (tmp_path / "bad.csv").write_text("text,n\nword1\n")
    ran = label(*(argument.format(f=source, d=tmp_path) for argument in arguments))
    assert message in ran.err
    assert (ran.code, ran.out) == (code, "")
    assert not list(tmp_path.glob("o.*")) + list(tmp_path.glob(".o*"))
