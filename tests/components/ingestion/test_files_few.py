"""Few rows, and swapped columns: the message names flags that work."""

import re
import shlex
from pathlib import Path

import pytest

from components.ingestion import Ingestion
from components.ingestion.files.few_texts import fractions
from components.ingestion.files.settings import FilesSettings
from components.ingestion.settings import IngestionSettings
from components.ingestion.sources import FILES
from pipeline.core.errors import DataError
from tests.support.run_component import run_component

NOWHERE = Path("none")


def ingest(home: Path, path: Path, validation: float = 0.1, **files: object) -> list[int]:
    """Returns the sizes of the splits."""
    spec = FilesSettings(source=str(path), **files)  # type: ignore[arg-type]
    settings = IngestionSettings(
        dataset=FILES, files=spec, data_dir=NOWHERE, work_dir=NOWHERE, validation_fraction=validation
    )
    ingestion = Ingestion(settings=settings)
    examples = run_component(ingestion, home=home)[ingestion.examples]
    return [int(examples.properties[f"{split}_examples"]) for split in examples.splits]


@pytest.mark.parametrize("rows", [3, 4, 5, 7, 10])
def test_the_flags_in_the_message_work(rows: int, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"text number {n},{'xy'[n % 2]}\n" for n in range(rows)))
    try:
        sizes = ingest(tmp_path / "1", path)
    except DataError as error:
        message = str(error)
        assert f"the {rows} rows have {rows} different texts" in message
        assert "--test_fraction=0.2 (alias --eval_fraction) and --validation_fraction=0.1 give train " in message
        flags = shlex.split(re.findall(r"use (--.*), or add rows", message)[0])
        found = {name: float(value) for name, value in (flag[2:].split("=") for flag in flags)}
        sizes = ingest(tmp_path / "2", path, found.get("validation_fraction", 0.1),
                       test_fraction=found.get("test_fraction", 0.2))  # fmt: skip
    assert min(sizes) > 0
    assert sum(sizes) == rows


FEW = [
    ("text,label\na,x\nb,y\n", {}, "the 2 rows have 2 different texts, and 2 labels. Are texts and labels swapped? "
     "Then correct --text_column and --label_column. The splits need at least 3; add rows ("),
    ("text,label\n" + "a,x\na,y\n" * 5, {}, "the 10 rows have 1 different text, and 2 labels. Are texts and labels"),
    ("text,label\n" + "".join(f"my text {n},{'xy'[n % 2]}\n" for n in range(10)),
     {"text_column": "label", "label_column": "text"}, "the 10 rows have 2 different texts, and 10 labels. Are"),
    ("text,label\n" + "".join(f"my text {n},{'xy'[n % 2]}\n" for n in range(200)),
     {"text_column": "label", "label_column": "text"}, "column 'text' has 200 different values in 200 rows, such"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "columns", "message"), FEW, ids=range(len(FEW)))
def test_too_few_texts(content: str, columns: dict[str, object], message: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, tmp_path / "a.csv", **columns)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_an_empty_folder_of_a_split(tmp_path: Path) -> None:
    for split, rows in (("train", "a,x\nb,y\n"), ("test", "a,x\nb,y\n")):
        (tmp_path / split).mkdir()
        (tmp_path / split / "a.csv").write_text("text,label\n" + rows)
    with pytest.raises(
        DataError, match=r"split 'train' is empty \(train 0, validation 0, test 2\): the files that make"
    ):
        ingest(tmp_path, tmp_path / "*" / "a.csv")


def test_fractions_that_leave_no_split_empty() -> None:
    assert fractions([(0.5, 0.5), (0.7, 0.05), (0.9, 0.9)], 0.2, 0.1) == "--test_fraction=0.51"
    assert fractions([(0.1, 0.5), (0.7, 0.5), (0.9, 0.9)], 0.2, 0.1) == "--validation_fraction=0.51"
    assert fractions([(0.5, 0.5), (0.9, 0.9)], 0.2, 0.0) == "--test_fraction=0.51"
    assert fractions([(0.5, 0.5), (0.5, 0.5), (0.5, 0.5)], 0.2, 0.1) == ""


def test_many_labels_give_a_bounded_message(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"text {n},{'label ' * 50}{n}\n" for n in range(9_000)))
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, tmp_path / "a.csv")
    assert "has 9,000 different values in 9,000 rows" in str(caught.value)
    assert len(str(caught.value)) < 500
