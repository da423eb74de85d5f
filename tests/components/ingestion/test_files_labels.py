"""`--normalize_labels`: labels that differ only in form become one, and repeated headers are left out."""

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from schemas.artifacts.examples import Examples
from tests.components.ingestion.test_files_ingestion import component, documents, ingest


def write(path: Path, labels: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True)
    rows = [{"text": f"some text {n}", "label": label} for n, label in enumerate(labels)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def labels_of(examples: Examples) -> Counter[str]:
    names = json.loads(str(examples.properties["label_names"]))
    return Counter(names[d.label] for split in examples.splits for d in documents(examples, split))


MERGED = {
    "case": ((["Spam"] * 30 + ["spam"] * 20 + ["ham"] * 50), (), {"Spam": 50, "ham": 50}),
    "white space": ((["not spam"] * 30 + ["not  spam"] * 5 + ["spam"] * 65), (), {"not spam": 35, "spam": 65}),
    "zero width": ((["spam"] * 30 + ["spam\u200b"] * 5 + ["ham"] * 65), (), {"spam": 35, "ham": 65}),
    "NFD": (["café"] * 30 + [unicodedata.normalize("NFD", "café")] * 9 + ["bar"] * 61, (), {"café": 39, "bar": 61}),
    "numbers": (["7"] * 30 + ["007"] * 5 + ["7.0"] * 5 + ["8"] * 60, (), {"7": 40, "8": 60}),
    "named labels": (["SPAM"] * 30 + ["spam"] * 5 + ["Ham"] * 65, ("spam", "ham"), {"spam": 35, "ham": 65}),
    "ids of named labels": (["0"] * 30 + ["0.0"] * 5 + ["1"] * 65, ("spam", "ham"), {"spam": 35, "ham": 65}),
    "nothing to merge": (["a"] * 50 + ["b"] * 50, (), {"a": 50, "b": 50}),
}


@pytest.mark.parametrize("case", MERGED)
def test_labels_that_differ_only_in_form_are_merged(case: str, tmp_path: Path) -> None:
    given, named, expected = MERGED[case]
    pattern = write(tmp_path / "d/a.jsonl", given)
    lines: list[str] = []
    made = ingest(tmp_path, component(pattern, labels=named, normalize_labels=True), lines.append)
    assert labels_of(made) == expected
    assert (made.properties["merged_labels"] == 0) == (lines == []) == (case == "nothing to merge")


def test_the_line_about_merged_labels(tmp_path: Path) -> None:
    pattern = write(tmp_path / "d/a.jsonl", ["Spam"] * 30 + ["spam\u200b"] * 20 + ["ham"] * 50)
    lines: list[str] = []
    ingest(tmp_path, component(pattern, normalize_labels=True), lines.append)
    assert lines == [r"merged 1 label into others that differ only in form: 'spam\u200b' → 'Spam'"]


def test_without_the_setting_labels_stay_as_they_are(tmp_path: Path) -> None:
    pattern = write(tmp_path / "d/a.jsonl", ["Spam"] * 40 + ["spam"] * 40)
    made = ingest(tmp_path, component(pattern))
    assert labels_of(made) == {"Spam": 40, "spam": 40}
    assert made.properties["label_column"] == "label"


@pytest.mark.parametrize("named", [(), ("x", "y")])
def test_repeated_headers_are_left_out(named: tuple[str, ...], tmp_path: Path) -> None:
    rows = [f"text {n},{'xy'[n % 2]}\n" for n in range(80)]
    (tmp_path / "a.csv").write_text("text,label\n" + "text,label\n".join(["".join(rows[:40]), "".join(rows[40:])]))
    lines: list[str] = []
    made = ingest(tmp_path / "out", component(tmp_path / "a.csv", normalize_labels=True, labels=named), lines.append)
    assert labels_of(made) == {"x": 40, "y": 40}
    assert lines == ["warning: left out 1 row equal to the header"]


def test_named_labels_must_differ_in_more_than_form() -> None:
    with pytest.raises(ConfigError) as caught:
        component("*.csv", labels=("Spam", "spam", "ham"), normalize_labels=True)
    assert str(caught.value) == "--labels names 'Spam' and 'spam', which --normalize_labels merges; keep one of them"
