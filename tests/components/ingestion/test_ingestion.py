"""Ingestion: documents, counts and the validation split, on the sample and on data that TFDS prepared."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from components.ingestion import Ingestion, imdb
from components.ingestion.sample import SIZES
from components.ingestion.settings import IngestionSettings
from components.ingestion.source import Places
from components.ingestion.sources import SOURCES
from components.ingestion.summary import check_counts
from pipeline.caching.fingerprint import content_digest
from pipeline.core.errors import ConfigError, DataError, UnavailableError
from schemas.artifacts.examples import Examples
from schemas.contracts.examples import ExampleCounts, SplitCounts
from schemas.records.examples import read_documents
from tests.support.run_component import run_component

REAL = Path(os.environ.get("TFDS_DATA_DIR", "none"), imdb.PREPARED)


def ingest(directory: Path, *beam_args: str, **settings: object) -> Examples:
    places = {"data_dir": directory / "tfds", "work_dir": directory / "work", "offline": True}
    given = IngestionSettings(**{"dataset": "sample", **places, **settings})  # type: ignore[arg-type]
    component = Ingestion(settings=given)
    return run_component(component, home=directory, beam_args=beam_args)[component.examples]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return ingest(tmp_path_factory.mktemp("sample"))


def documents(examples: Examples, split: str) -> dict[str, tuple[str, int]]:
    return {d.id: (d.text, d.label) for path in examples.files(split) for d in read_documents(path, 10)}


def test_every_document_is_written_once_with_its_position_as_id(sample: Examples) -> None:
    ids = {split: sorted(documents(sample, split)) for split in sample.splits}
    train = sorted([*ids["train"], *ids["validation"]])
    assert train == [f"sample/train/{n:08d}" for n in range(SIZES["train"])]
    assert ids["test"] == [f"sample/test/{n:08d}" for n in range(SIZES["test"])]
    assert 0.07 < len(ids["validation"]) / len(train) < 0.13


def test_properties_are_the_counts(sample: Examples) -> None:
    found = sample.properties
    assert found["source"] == "sample"
    assert found["classes"] == len(json.loads(str(found["label_names"]))) == 10
    assert {s: found[f"{s}_examples"] for s in sample.splits} == {s: len(documents(sample, s)) for s in sample.splits}
    counts = json.loads((sample.path / "counts.json").read_text())
    labels = Counter(label for _, label in documents(sample, "test").values())
    assert list(counts["splits"]["test"]["labels"].values()) == [labels[n] for n in range(10)]
    assert counts["content_sha256"] == found["content_sha256"]


def test_no_validation_split_if_its_fraction_is_0(tmp_path: Path) -> None:
    examples = ingest(tmp_path, validation_fraction=0.0)
    assert examples.splits == ("train", "test")
    assert len(documents(examples, "train")) == SIZES["train"]


@pytest.mark.parametrize("workers", [(), ("--direct_num_workers=2", "--direct_running_mode=multi_threading")])
def test_the_same_bytes_again(tmp_path: Path, sample: Examples, workers: tuple[str, ...]) -> None:
    again = ingest(tmp_path, *workers)
    assert content_digest(again) == content_digest(sample)
    assert {p.name: p.read_bytes() for p in again.files("train")} == {
        p.name: p.read_bytes() for p in sample.files("train")
    }


def test_another_seed_gives_another_sample(tmp_path: Path, sample: Examples) -> None:
    other = ingest(tmp_path, seed=1)
    assert other.properties["content_sha256"] != sample.properties["content_sha256"]
    texts = [text for text, _ in documents(sample, "test").values()]
    assert len(set(texts)) == len(texts)
    lengths = [len(text.split()) for text in texts]
    assert 20 < np.median(lengths) < 150


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dataset": "reuter"}, "dataset: unknown value 'reuter'; did you mean 'reuters'?"),
        ({"validation_fraction": 1.0}, "validation_fraction must be at least 0 and below 1, got 1.0"),
        ({"validation_fraction": -0.1}, "validation_fraction must be at least 0 and below 1, got -0.1"),
    ],
)
def test_invalid_settings(tmp_path: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ingest(tmp_path, **settings)
    assert str(caught.value) == message


def test_empty_splits_and_texts_and_labels_without_documents() -> None:
    some = SplitCounts(examples=3, empty_texts=1, labels={"a": 3, "b": 0})
    lines: list[str] = []
    check_counts(ExampleCounts(content_sha256="", set_aside=0, splits={"train": some}), "mine", lines.append)
    assert lines == [
        "warning: mine: 1 texts in train have no words; they are not removed",
        "warning: mine: labels without documents in train: b; they cannot be learned",
    ]
    none = SplitCounts(examples=0, empty_texts=0, labels={})
    for split, message in {
        "test": "mine: split 'test' is empty; add documents for it to the source",
        "validation": "mine: split 'validation' is empty; raise validation_fraction, or set it to 0 for no such split",
    }.items():
        with pytest.raises(DataError) as caught:
            check_counts(ExampleCounts(content_sha256="", set_aside=0, splits={split: none}), "mine", lines.append)
        assert str(caught.value) == message


def test_every_source_reports_missing_data(tmp_path: Path) -> None:
    places = Places(data_dir=tmp_path / "tfds", work_dir=tmp_path / "work", offline=True)
    assert {name for name, source in SOURCES.items() if source.obstacle(places) is None} == {"sample"}
    with pytest.raises(UnavailableError) as caught:
        imdb.fetch(places, print)
    assert str(caught.value) == imdb.obstacle(places)
    assert str(caught.value).startswith(f"imdb_reviews/plain_text is not prepared in {tmp_path}/tfds or ")


def info(**changes: object) -> dict[str, object]:
    splits = [{"name": "train", "shardLengths": ["2"]}, {"name": "test", "shardLengths": ["1", "1"]}]
    return {"name": "imdb_reviews", "fileFormat": "tfrecord", "splits": splits, **changes}


PREPARED = {
    "no JSON": ("{", "is not a valid TFDS data set description ("),
    "no name": ({"splits": []}, "is not a valid TFDS data set description (KeyError('name')); restore it"),
    "other files": (
        info(fileFormat="riegeli"),
        "its files have format 'riegeli', expected 'tfrecord'; prepare the data set with file_format='tfrecord'",
    ),
    "no test": (
        info(splits=[{"name": "train", "shardLengths": ["2"]}]),
        "has no split 'test' (found: ['train'])",
    ),
    "a file missing": (info(), "imdb_reviews-train.tfrecord-00000-of-00001 is missing, but dataset_info.json next to"),
}


@pytest.mark.parametrize("case", PREPARED)
def test_damaged_prepared_data(tmp_path: Path, case: str) -> None:
    content, message = PREPARED[case]
    directory = tmp_path / "tfds" / imdb.PREPARED
    directory.mkdir(parents=True)
    (directory / "dataset_info.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(DataError) as caught:
        imdb.parts(Places(data_dir=tmp_path / "tfds", work_dir=tmp_path, offline=True), 0, tmp_path)
    assert message in str(caught.value)
    assert str(directory) in str(caught.value)


@pytest.mark.skipif(not REAL.is_dir(), reason="imdb_reviews is not prepared in $TFDS_DATA_DIR")
def test_all_reviews_of_imdb_are_read(tmp_path: Path) -> None:
    examples = ingest(tmp_path, dataset="imdb", data_dir=REAL.parents[2])
    counts = json.loads((examples.path / "counts.json").read_text())["splits"]
    assert counts["train"]["examples"] + counts["validation"]["examples"] == counts["test"]["examples"] == 25_000
    assert counts["test"]["labels"] == {"neg": 12_500, "pos": 12_500}
