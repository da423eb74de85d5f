"""Ingestion of the user's own files: documents, splits, reproducible bytes, and errors."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from components.ingestion import Ingestion
from components.ingestion.files.keys import key_of_id, key_of_text, read_keys, repeated, write_keys
from components.ingestion.files.settings import FilesSettings
from components.ingestion.settings import IngestionSettings
from components.ingestion.sources import FILES
from pipeline.caching.fingerprint import content_digest, digest_external, key_fields
from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import Document, read_documents
from tests.support.run_component import run_component

NOWHERE = Path("none")

WORDS = ("rain", "goal", "bank", "soup", "wind", "team", "loan", "salt")


def rows(count: int, labels: Sequence[object] = ("x", "y"), start: int = 0) -> list[tuple[str, object]]:
    """Returns different texts, whose labels alternate."""
    numbers = range(start, start + count)
    return [(f"{WORDS[n % 8]} {WORDS[n // 8 % 8]} number {n}", labels[n % len(labels)]) for n in numbers]


def write(path: Path, some: Sequence[tuple[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in some))
    else:
        path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in some))
    return path


def component(pattern: Path | str, **settings: object) -> Ingestion:
    files = FilesSettings(source=str(pattern), **settings)  # type: ignore[arg-type]
    return Ingestion(settings=IngestionSettings(dataset=FILES, files=files, data_dir=NOWHERE, work_dir=NOWHERE))


def ingest(directory: Path, ingestion: Ingestion, log: Callable[[str], None] = lambda _: None) -> Examples:
    return run_component(ingestion, home=directory, log=log)[ingestion.examples]


def documents(examples: Examples, split: str) -> list[Document]:
    classes = int(examples.properties["classes"])
    found = [document for path in examples.files(split) for document in read_documents(path, classes)]
    return sorted(found, key=lambda document: document.id)


def test_every_row_becomes_one_document_named_by_file_and_line(tmp_path: Path) -> None:
    write(tmp_path / "data/a.csv", rows(300, ("b", "a", "c")))
    write(tmp_path / "data/b.jsonl", rows(100, ("a", "b"), start=300))
    made = ingest(tmp_path, component(f"{tmp_path}/data/*"))
    properties = made.properties
    assert properties["source"] == f"{tmp_path}/data/* text=text label=label"
    assert (properties["classes"], properties["label_names"]) == (3, '["a", "b", "c"]')
    assert (properties["bad_rows"], properties["leaked_texts"], "span" in properties) == (0, 0, False)
    every = sorted((d for split in made.splits for d in documents(made, split)), key=lambda d: d.id)
    assert [d.id for d in every] == [
        *(f"files/a.csv/{line:08d}" for line in range(2, 302)), *(f"files/b.jsonl/{line:08d}" for line in range(1, 101))
    ]  # fmt: skip
    assert [(d.text, "abc"[d.label]) for d in every] == [*rows(300, ("b", "a", "c")), *rows(100, ("a", "b"), start=300)]
    sizes = {split: len(documents(made, split)) for split in made.splits}
    assert 0.14 < sizes["test"] / 400 < 0.26
    assert 0.05 < sizes["validation"] / (400 - sizes["test"]) < 0.16
    assert {f"{split}_examples": count for split, count in sizes.items()}.items() <= properties.items()
    assert json.loads((made.path / "bad_rows.json").read_text()) == {"bad_rows": 0, "first": []}


def test_the_same_bytes_and_cache_key_in_another_folder(tmp_path: Path) -> None:
    made = []
    for place in ("here", "there"):
        write(tmp_path / place / "data/a.csv", rows(200))
        made.append(ingest(tmp_path / place, component(tmp_path / place / "data/*.csv")))
    assert content_digest(made[0]) == content_digest(made[1])
    sources = [f"{tmp_path}/{place}/data/*.csv text=text label=label" for place in ("here", "there")]
    assert [examples.properties.pop("source") for examples in made] == sources
    assert made[0].properties == made[1].properties
    both = [component(tmp_path / place / "data/*.csv") for place in ("here", "there")]
    keys = [key_fields(one, {}, digest_external(one)) for one in both]
    assert keys[0] == keys[1]


def test_equal_texts_share_a_split_in_any_order_and_files(tmp_path: Path) -> None:
    write(tmp_path / "1/d/a.csv", [*rows(200), *rows(200)])
    write(tmp_path / "2/d/a.csv", rows(200)[::-1])
    write(tmp_path / "2/d/b.csv", rows(200))
    one, two = (ingest(tmp_path / place, component(tmp_path / place / "d/*.csv")) for place in "12")
    for split in one.splits:
        assert sorted(d.text for d in documents(one, split)) == sorted(d.text for d in documents(two, split))
    texts = [{d.text for d in documents(one, split)} for split in one.splits]
    assert sum(map(len, texts)) == len(set.union(*texts)) == 200


NAMES = [
    ((10, 9, 100), {}, ["9", "10", "100"], {10: 1, 9: 0, 100: 2}),
    (("b", "a"), {"labels": ("b", "c", "a")}, ["b", "c", "a"], {"b": 0, "a": 2}),
    ((2, 0), {"labels": ("x", "y", "z")}, ["x", "y", "z"], {2: 2, 0: 0}),
    ((1, -1), {}, ["-1", "1"], {1: 1, -1: 0}),
]


@pytest.mark.parametrize(("labels", "settings", "names", "ids"), NAMES)
def test_labels_and_their_ids(
    labels: tuple[object, ...], settings: dict[str, object], names: list[str], ids: dict[object, int], tmp_path: Path
) -> None:
    write(tmp_path / "d/a.jsonl", rows(120, labels))
    made = ingest(tmp_path, component(tmp_path / "d/*.jsonl", **settings))
    assert json.loads(str(made.properties["label_names"])) == names
    expected = {text: ids[label] for text, label in rows(120, labels)}
    assert {d.text: d.label for split in made.splits for d in documents(made, split)} == expected


def test_folders_decide_train_and_test_and_shared_texts_leave_train(tmp_path: Path) -> None:
    write(tmp_path / "d/train/a.csv", rows(100))
    write(tmp_path / "d/test/a.csv", rows(20, start=90))
    lines: list[str] = []
    made = ingest(tmp_path, component(tmp_path / "d/*/*.csv"), lines.append)
    assert [d.text for d in documents(made, "test")] == [text for text, _ in rows(20, start=90)]
    trained = {d.text for split in ("train", "validation") for d in documents(made, split)}
    assert trained == {text for text, _ in rows(90)}
    assert made.properties["leaked_texts"] == 10
    assert lines == ["warning: removed 10 rows from train, because their texts are also in test"]


def test_a_window_and_the_next_span(tmp_path: Path) -> None:
    for span in (1, 2, 3, 4):
        write(tmp_path / f"d/span-{span}/a.csv", rows(60, start=60 * span))
    ingestion = component(tmp_path / "d/span-{SPAN}/*.csv", span=3, window=2, evaluate_on="next_span")
    made = ingest(tmp_path, ingestion)
    assert (made.properties["span"], made.properties["window"]) == (3, 2)
    assert [d.text for d in documents(made, "test")] == [text for text, _ in rows(60, start=240)]
    trained = {d.text for split in ("train", "validation") for d in documents(made, split)}
    assert trained == {text for text, _ in rows(120, start=120)}
    shown = [f"span {span}'s span-{span}/a.csv" for span in (2, 3, 4)]
    assert list(ingestion.external_inputs()) == shown
    changed = ingestion.parameters
    assert {name: changed[name] for name in ("span", "window", "evaluate_on")} == {
        "span": 3, "window": 2, "evaluate_on": "next_span"}  # fmt: skip


def test_allowed_bad_rows_are_skipped_and_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "d/a.csv", rows(60))
    path.write_text(path.read_text() + "one,two,three\nno label,\n")
    lines: list[str] = []
    made = ingest(tmp_path, component(tmp_path / "d/*.csv", max_bad_rows=2), lines.append)
    assert sum(len(documents(made, split)) for split in made.splits) == 60
    first = "it has 3 fields, but the header has 2"
    assert lines == [f"warning: skipped 2 of 62 rows:\n  {path}:62: {first}\n  {path}:63: its label is empty"]
    assert json.loads((made.path / "bad_rows.json").read_text()) == {
        "bad_rows": 2,
        "first": [
            {"file": "a.csv", "line": 62, "why": first},
            {"file": "a.csv", "line": 63, "why": "its label is empty"},
        ],
    }


ONE_BAD = (
    "1 row cannot be used (0 allowed by --max_bad_rows):\n  {{path}}:62: {}\n"
    "correct or delete them, or skip them with a higher --max_bad_rows"
)
REJECTED = [
    ("a,b,c\n", {}, ONE_BAD.format("it has 3 fields, but the header has 2")),
    ("a,z\n", {"labels": ("x", "y")}, ONE_BAD.format("its label 'z' is none of --labels")),
    ("a,2\n", {"labels": ("x", "y")}, ONE_BAD.format("its label 2 is outside 0..1, the labels of --labels")),
    ("", {"label_column": "txt"}, "{path} has no column 'txt'; did you mean 'text'? (columns: text, label)"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "settings", "message"), REJECTED)
def test_data_that_are_rejected(more: str, settings: dict[str, object], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "d/a.csv", rows(60))
    path.write_text(path.read_text() + more)
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, component(tmp_path / "d/*.csv", **settings))
    assert str(caught.value) == message.replace("{path}", str(path))
    assert not list((tmp_path / "examples").iterdir())  # no partial output


@pytest.mark.parametrize(
    ("some", "message"),
    [
        ([], "the files of {pattern} have no rows; there is nothing to learn from"),
        (rows(30, ("x",)), "all 30 rows have label 'x'; at least two labels are needed"),
        ([(f"text {n}", f"label {n}") for n in range(10_001)],
         "column 'label' has more than 10,000 different values: these look like ids or texts, not labels; name the "
         "column of the labels with --label_column (now label) and the column of the texts with --text_column (now "
         "text)"),
        ([(f"text {n}", f"label {n:02d}") for n in range(20)],
         "column 'label' has 20 different values in 20 rows, such as label 00, label 01, label 02: these look like ids "
         "or texts, not labels; name the column of the labels with --label_column (now label) and the column of the "
         "texts with --text_column (now text)"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_learned(some: list[tuple[str, object]], message: str, tmp_path: Path) -> None:
    write(tmp_path / "d/a.csv", some)
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, component(tmp_path / "d/*.csv"))
    assert str(caught.value) == message.replace("{pattern}", f"{tmp_path}/d/*.csv")


def test_a_label_with_one_example_raises_a_warning(tmp_path: Path) -> None:
    write(tmp_path / "d/a.csv", [*rows(60), ("alone", "z")])
    lines: list[str] = []
    ingest(tmp_path, component(tmp_path / "d/*.csv"), lines.append)
    assert lines[0] == "warning: labels with only one text: z; one text cannot be in both train and test"


def test_the_error_for_duplicate_ids_has_both_places(tmp_path: Path) -> None:
    content = [f"{n},{text},{label}\n" for n, (text, label) in enumerate(rows(50))]
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.csv").write_text("key,text,label\n" + "".join(content))
    unique = ingest(tmp_path / "1", component(tmp_path / "d/a.csv", id_column="key"))
    assert {d.id for split in unique.splits for d in documents(unique, split)} == {str(n) for n in range(50)}
    (tmp_path / "d/b.csv").write_text("key,text,label\n7,another text,x\n")
    with pytest.raises(DataError) as caught:
        ingest(tmp_path / "2", component(tmp_path / "d/*.csv", id_column="key"))
    assert str(caught.value) == (
        f"id '7' is used twice: {tmp_path}/d/a.csv:9 and {tmp_path}/d/b.csv:2; give every document a unique id, or "
        "leave out --id_column"
    )


def test_files_that_disappear_during_the_run_are_a_data_error(tmp_path: Path) -> None:
    pattern = f"{tmp_path}/*.csv"
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, component(pattern))
    assert str(caught.value).startswith(f"the files of {pattern} changed during the run: --source={pattern} matches no")


def test_files_go_with_their_own_data_set_only() -> None:
    for source, files in (("files", None), ("sample", FilesSettings(source="*.csv"))):
        with pytest.raises(ConfigError, match="data set 'files', and only that, needs files, got "):
            IngestionSettings(dataset=source, files=files, data_dir=NOWHERE, work_dir=NOWHERE)


def test_keys_find_repeated_values(tmp_path: Path) -> None:
    for name, values in (("a", ["x", "y", "x"]), ("b", ["z", "y"])):
        write_keys([key_of_id(value) for value in values], tmp_path / name)
    keys = read_keys([tmp_path / "a", tmp_path / "b"])
    assert set(repeated(keys).tolist()) == {key_of_id("x"), key_of_id("y")}
    assert keys.tolist() == sorted(map(key_of_id, "xyxzy"))
    assert len(read_keys([])) == len(repeated(read_keys([]))) == 0
    assert key_of_text("One, two") == key_of_text("ONE two") != key_of_text("one")
