"""Corrected labels: applied by id to every split, part of the cache key, and each bad file with its message."""

import json
from collections import Counter
from pathlib import Path

import pytest

from components.ingestion import Ingestion
from components.ingestion.files.settings import FilesSettings
from components.ingestion.settings import IngestionSettings
from pipeline.caching.fingerprint import digest_external, key_fields
from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import read_documents
from tests.support.run_component import Ran, run_component


def component(home: Path, corrections: Path | None) -> Ingestion:
    (home / "texts.csv").write_text("id,text,label\n" + "".join(f"n{n},text {n},{'ab'[n % 2]}\n" for n in range(60)))
    files = FilesSettings(source=str(home / "texts.csv"), id_column="id")
    return Ingestion(settings=IngestionSettings(
        dataset="files", files=files, data_dir=home, work_dir=home, corrections=corrections))  # fmt: skip


def ingest(home: Path, corrections: str | bytes | None = None) -> tuple[Examples, Ran]:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "corrections.csv"
    if corrections is not None:
        path.write_bytes(corrections if isinstance(corrections, bytes) else corrections.encode())
    made = component(home, None if corrections is None else path)
    ran = run_component(made, home=home / "out")
    return ran[made.examples], ran


def labels(examples: Examples) -> dict[str, tuple[str, int]]:
    return {
        document.id: (split, document.label)
        for split in examples.splits
        for path in examples.files(split)
        for document in read_documents(path, 2)
    }


def test_labels_are_corrected_by_id_in_every_split(tmp_path: Path) -> None:
    before = labels(ingest(tmp_path / "a")[0])
    some = {split: next(id_ for id_, (of, _) in sorted(before.items()) if of == split)
            for split in ("train", "validation", "test")}  # fmt: skip
    rows = "".join(f"{id_},a text,{'ab'[1 - before[id_][1]]},x\n" for id_ in some.values())
    same = next(id_ for id_ in before if id_ not in some.values())
    examples, ran = ingest(tmp_path / "b", f"﻿id,text,label,note\n{rows}{same}, a text, {'ab'[before[same][1]]} ,\n")
    expected = {id_: (split, 1 - label if id_ in some.values() else label) for id_, (split, label) in before.items()}
    assert labels(examples) == expected
    assert examples.properties["corrected_labels"] == 3
    counts = json.loads((examples.path / "counts.json").read_text())["splits"]
    found = {(split, "ab".index(name)): n for split, of in counts.items() for name, n in of["labels"].items()}
    assert Counter(found) == Counter(expected.values())
    assert any("corrected 3 labels: " in line and "has 4 ids" in line for line in ran.log)


def test_without_corrections_nothing_changes(tmp_path: Path) -> None:
    plain, _ = ingest(tmp_path / "a")
    empty, _ = ingest(tmp_path / "b", "id,label\n")
    assert labels(plain) == labels(empty)
    assert plain.properties["content_sha256"] == empty.properties["content_sha256"]
    assert "corrected_labels" not in plain.properties


def test_the_content_of_the_file_is_a_part_of_the_cache_key(tmp_path: Path) -> None:
    keys = []
    for corrections in (None, "id,label\nn1,a\n", "id,label\nn1,b\n"):
        path = tmp_path / "corrections.csv"
        path.write_text(corrections or "")
        made = component(tmp_path, path if corrections else None)
        keys.append(key_fields(made, {}, digest_external(made)))
    names = [{name for name in key if name.startswith("external:corrections")} for key in keys]
    assert names == [set(), {"external:corrections"}, {"external:corrections"}]
    assert len({key.get("external:corrections") for key in keys}) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "id,label\nn1,a\nn99,b\n",
            "corrections.csv: 1 of 2 ids are not in the data: n99; use the ids",
        ),
        ("id,label\nn1,c\n", "corrections.csv:2: the data have no label 'c'; one of: a, b (correct the file"),
        (
            "id,label\nn1,a\nn2,b\nn1,b\n",
            "corrections.csv:4: the id 'n1' is repeated; correct the file",
        ),
        ("id,topic\nn1,a\n", "corrections.csv has no column 'label' (columns: id, topic); corrections are a CSV file"),
        ("id;label\nn1;a\n", "corrections.csv has no column 'id' (columns: id;label); corrections are a CSV file with"),
        ("", "corrections.csv has no column 'id' (columns: none)"),
        ("id,label\nn1,\n", "corrections.csv:2: a row needs an id and a label"),
        ("id,label\nn1\n", "corrections.csv:2: a row needs an id and a label"),
        (b"id,label\nn1,\xff\n", "corrections.csv is not a CSV file in UTF-8: 'utf-8' codec can't decode byte 0xff"),
        ('id,label\n"n1,a\n', "corrections.csv is not a CSV file in UTF-8: unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_applied_is_refused(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, content)
    assert message in str(caught.value)


def test_a_missing_file_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv do not exist; name an existing file, or leave out --corrections"):
        component(tmp_path, tmp_path / "none.csv")
