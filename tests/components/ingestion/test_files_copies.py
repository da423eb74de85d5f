"""Copies of a text in the user's files: they share a split, or leave train, whatever their form. And empty texts."""

import csv
import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from tests.components.ingestion.test_files_ingestion import component, documents, ingest

WORDS = "café rain goal bank soup wind team loan salt naïve door lamp"


def texts(count: int) -> list[str]:
    """Different texts of eight words, some with accents."""
    chance = random.Random(0)
    return [f"{' '.join(chance.choices(WORDS.split(), k=7))} {number}" for number in range(count)]


FORMS: dict[str, Callable[[str], str]] = {
    "equal": str,
    "upper case": str.upper,
    "doubled spaces": lambda text: text.replace(" ", "  "),
    "punctuation": lambda text: f"«{text.replace(' ', ', ')}»!",
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "an invisible character": lambda text: f"{text[0]}\u200b{text[1:]}",
    "CRLF": lambda text: text.replace(" ", "\r\n", 2),
    "LF": lambda text: text.replace(" ", "\n", 2),
}


def write(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])


def coin(number: int) -> str:
    return random.Random(number).choice(("heads", "tails"))


def originals(examples: Examples) -> dict[str, list[int]]:
    """The numbers at the ends of the texts, by split."""
    digits = str.maketrans("０１２３４５６７８９", "0123456789")
    ends = {
        s: [d.text.translate(digits).strip("»!").split()[-1] for d in documents(examples, s)] for s in examples.splits
    }
    return {split: sorted(map(int, numbers)) for split, numbers in ends.items()}


@pytest.mark.parametrize("form", FORMS)
def test_copies_share_a_split_whatever_their_form(form: str, tmp_path: Path) -> None:
    copies = [[(text, coin(n)), (FORMS[form](text), coin(n))] for n, text in enumerate(texts(120))]
    write(tmp_path / "d/a.csv", [row for both in copies for row in both])
    found = originals(ingest(tmp_path, component(tmp_path / "d/a.csv")))
    assert sum(map(len, found.values())) == 240
    assert (
        len({number for numbers in found.values() for number in numbers})
        == sum(len({*n}) for n in found.values())
        == 120
    )
    assert all(numbers[0::2] == numbers[1::2] for numbers in found.values())


@pytest.mark.parametrize("form", FORMS)
def test_copies_between_folders_leave_train_whatever_their_form(form: str, tmp_path: Path) -> None:
    every = texts(100)
    write(tmp_path / "d/train/a.csv", [(text, coin(n)) for n, text in enumerate(every)])
    write(tmp_path / "d/test/a.csv", [(FORMS[form](text), coin(n)) for n, text in enumerate(every) if n >= 80])
    lines: list[str] = []
    made = ingest(tmp_path, component(tmp_path / "d/*/*.csv"), lines.append)
    found = originals(made)
    assert found["test"] == list(range(80, 100))
    assert sorted([*found["train"], *found["validation"]]) == list(range(80))
    assert made.properties["leaked_texts"] == 20
    assert lines == ["warning: removed 20 rows from train, because their texts are also in test"]


def test_copies_between_spans_leave_train(tmp_path: Path) -> None:
    for span in (1, 2):
        rows = [
            (text if span == 1 else text.upper(), coin(n)) for n, text in enumerate(texts(60)) if n < 40 or span == 2
        ]
        write(tmp_path / f"d/{span}.csv", rows if span == 1 else rows[30:])
    made = ingest(tmp_path, component(tmp_path / "d/{SPAN}.csv", span=1, evaluate_on="next_span"))
    assert made.properties["leaked_texts"] == 10
    found = originals(made)
    assert (found["test"], sorted([*found["train"], *found["validation"]])) == (list(range(30, 60)), list(range(30)))


def test_one_file_with_each_text_three_times(tmp_path: Path) -> None:
    rows = [(form(text), coin(n)) for n, text in enumerate(texts(100)) for form in (str, str.upper, str.title)]
    write(tmp_path / "d/a.csv", rows)
    found = originals(ingest(tmp_path, component(tmp_path / "d/a.csv")))
    assert all(numbers[0::3] == numbers[1::3] == numbers[2::3] for numbers in found.values())
    assert {split: len(numbers) > 0 for split, numbers in found.items()} == dict.fromkeys(found, True)


def test_line_ends_become_lf(tmp_path: Path) -> None:
    write(tmp_path / "d/a.csv", [(f"one\r\ntwo\r\n\r\n{n}", coin(n)) for n in range(60)])
    (tmp_path / "d/b.jsonl").write_text(
        "".join(json.dumps({"text": f"one\rtwo\n{n}", "label": coin(n)}) + "\n" for n in range(60, 120))
    )
    made = ingest(tmp_path, component(tmp_path / "d/*"))
    found = {d.text for split in made.splits for d in documents(made, split)}
    assert found == {f"one\ntwo\n\n{n}" for n in range(60)} | {f"one\ntwo\n{n}" for n in range(60, 120)}


def test_empty_texts_are_set_aside(tmp_path: Path) -> None:
    empty = [(text, "heads") for text in ["", "  ", "?!", "\u200b", "…"] for _ in range(8)]
    write(tmp_path / "d/a.csv", [*empty, *((text, coin(n)) for n, text in enumerate(texts(60)))])
    lines: list[str] = []
    made = ingest(tmp_path, component(tmp_path / "d/a.csv"), lines.append)
    assert sorted(number for numbers in originals(made).values() for number in numbers) == list(range(60))
    assert (made.properties["set_aside"], made.properties["empty_texts"]) == (40, 0)
    assert json.loads((made.path / "counts.json").read_text())["set_aside"] == 40
    assert lines == ["warning: set aside 40 rows whose text has no words: no split has them"]


def test_only_empty_texts_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "d/a.csv", [("?", "heads"), ("", "tails")])
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, component(tmp_path / "d/a.csv"))
    assert str(caught.value) == (
        f"the files of {tmp_path}/d/a.csv have only texts without words; there is nothing to learn from"
    )
