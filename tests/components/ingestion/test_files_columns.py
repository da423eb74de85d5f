"""Several text columns, and columns of numbers and categories, in your own files: values, kinds, and every mistake."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import tensorflow as tf

from components.ingestion.files.settings import FilesSettings
from components.shared.columns import join_texts, split_texts, without_marks
from pipeline.core.errors import ConfigError, DataError
from schemas.records.examples import Value
from schemas.records.tfrecord import write_records
from tests.components.ingestion.test_files_ingestion import component, documents, ingest

Cells = tuple[str, str, str, str]

ROWS: list[Cells] = [
    (f"title {n}" if n % 5 else "", f"body {n}", f"{n / 4}" if n % 3 else "N/A", "red" if n % 2 else " dark blue ")
    for n in range(60)
]
EXPECTED: list[tuple[str, tuple[tuple[str, Value], ...]]] = [
    (
        f"xxfld1 {title}\nxxfld2 {body}",
        (("colour", color.strip()), ("price", math.nan if price == "N/A" else float(price))),
    )
    for title, body, price, color in ROWS
]
COLUMNS = {"text_columns": ("title", "body"), "feature_columns": ("price", "colour")}


def write(path: Path, rows: Sequence[Cells], names: Sequence[str] = ("title", "body", "price", "colour")) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    named = [{**dict(zip(names, row, strict=True)), "label": "xy"[n % 2]} for n, row in enumerate(rows)]
    if path.suffix == ".csv":
        path.write_text("\n".join([",".join(named[0]), *(",".join(row.values()) for row in named)]) + "\n")
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({name: _json(value) for name, value in row.items()}) + "\n"
                                for row in named))  # fmt: skip
    else:
        write_records(path, map(_example, named))


def _json(value: str) -> object:
    return None if value in ("", "N/A") else float(value) if value[0].isdigit() else value


def _example(row: dict[str, str]) -> bytes:
    made = tf.train.Example()
    for name, value in row.items():
        feature, number = made.features.feature[name], _json(value)
        if isinstance(number, float):
            feature.float_list.value.append(number)
        elif number is not None:
            feature.bytes_list.value.append(value.encode())
        else:
            feature.SetInParent()
    return bytes(made.SerializeToString())


def shown(features: tuple[tuple[str, Value], ...]) -> str:
    return repr(features)  # NaN equals no other NaN


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tfrecord.gz"])
def test_every_format_gives_the_same_texts_and_features(tmp_path: Path, name: str) -> None:
    write(tmp_path / "data" / name, ROWS)
    made = ingest(tmp_path, component(tmp_path / "data/*", **COLUMNS))
    every = sorted((d for split in made.splits for d in documents(made, split)), key=lambda d: d.id)
    assert [(d.text, shown(d.features)) for d in every] == [(text, shown(features)) for text, features in EXPECTED]
    assert json.loads(str(made.properties["feature_columns"])) == {"price": "number", "colour": "category"}
    assert json.loads(str(made.properties["text_columns"])) == ["title", "body"]
    assert str(made.properties["source"]).endswith("text=title,body label=label features=colour,price")


def test_a_row_without_a_word_in_any_column_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path / "data/a.csv", [*ROWS, ("", " . ", "1", "red"), ("", "", "1", "red")])
    assert ingest(tmp_path, component(tmp_path / "data/*", **COLUMNS)).properties["set_aside"] == 2


def test_joined_texts_are_split_again() -> None:
    for texts in (["a", "b"], ["", ""], ["one\ntwo", "", "xxfld 3"], ["title", "body\n"]):
        assert split_texts(join_texts(texts), len(texts)) == texts
    assert without_marks(join_texts(["", " "])).split() == []


def test_settings_without_columns_are_those_of_before() -> None:
    found = FilesSettings(source="*").parameters
    assert not {"text_columns", "feature_columns"} & found.keys()
    assert found["text_column"] == "text"


USAGE = [
    ({"text_column": "a", "text_columns": ("b", "c")}, "--text_column and --text_columns exclude each other"),
    ({"text_columns": ("title",)}, "--text_columns names one column; use --text_column=title"),
    ({"text_columns": ("a", "a")}, "text, label and id must be different columns, got a, label, a"),
    ({"feature_columns": ("label",)}, "--feature_columns: 'label' is a name of Refit's own"),
    ({"feature_columns": ("p", "p")}, "text, label, id and features must be different columns"),
    ({"feature_columns": ("a b", "a-b")}, "become the inputs a_b, a_b of the served model"),
    ({"feature_columns": ("prize",), "columns": ("text", "label", "price")}, "no column 'prize'; did you mean 'price'"),
]


@pytest.mark.parametrize(("settings", "message"), USAGE, ids=[message for _, message in USAGE])
def test_names_that_contradict_each_other(settings: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        FilesSettings(source="*", **settings)  # type: ignore[arg-type]
    assert message in str(error.value)


FULL, OTHER = ("title", "body", "price", "colour"), ("title", "body", "prize", "colour")
UNUSABLE = [
    (
        "test/a.csv",
        OTHER,
        ROWS,
        "no column 'price'; did you mean 'prize'? (columns: title, body, prize, colour, label)",
    ),
    ("test/a.jsonl", OTHER, ROWS, "it has no column 'price'; did you mean 'prize'?"),
    ("test/a.csv", ("headline", *FULL[1:]), ROWS, "no column 'title'"),
    ("test/a.csv", ("title", "text", *FULL[2:]), ROWS, "no column 'body'; one of: colour, label, price, text, title"),
]


@pytest.mark.parametrize(("file", "names", "rows", "message"), UNUSABLE, ids=[row[3] for row in UNUSABLE])
def test_a_column_that_one_file_does_not_have(
    tmp_path: Path, file: str, names: Sequence[str], rows: Sequence[Cells], message: str
) -> None:
    write(tmp_path / "data/train/a.csv", ROWS)
    write(tmp_path / "data" / file, rows, names)
    with pytest.raises(DataError) as error:
        ingest(tmp_path, component(tmp_path / "data/*/*", **COLUMNS))
    assert file in str(error.value)
    assert message in str(error.value)


def test_a_feature_that_no_row_has(tmp_path: Path) -> None:
    write(tmp_path / "data/a.csv", [(title, body, "-", color) for title, body, _, color in ROWS])
    with pytest.raises(DataError, match="column 'price' of --feature_columns has no value in any of the 60 rows; fill"):
        ingest(tmp_path, component(tmp_path / "data/*", **COLUMNS))


def test_one_value_that_is_not_a_number_makes_categories(tmp_path: Path) -> None:
    write(tmp_path / "data/a.csv", [*ROWS[1:], ("t", "b", "cheap", "red")])
    made = ingest(tmp_path, component(tmp_path / "data/*", **COLUMNS))
    assert json.loads(str(made.properties["feature_columns"]))["price"] == "category"
