"""Preprocessing reproduces published numbers on Reuters and IMDB. Slow; needs the real data in TFDS_DATA_DIR."""

import os
from pathlib import Path

import numpy as np
import pytest

from components.text.input_fn import load_split
from schemas.artifacts.examples import Examples
from tests.support.run_component import run_component
from tests.support.toy_examples import preprocess

FILES = {"reuters": "downloads/manual/reuters21578.tar.gz", "imdb": "imdb_reviews/plain_text/1.0.0/dataset_info.json"}

pytestmark = pytest.mark.slow


def ingest(source: str, validation_fraction: float, out: Path) -> Examples:
    from components.ingestion import Ingestion
    from components.ingestion.settings import IngestionSettings

    data_dir = os.environ.get("TFDS_DATA_DIR")
    if data_dir is None:
        pytest.skip("TFDS_DATA_DIR is not set")
    if not (Path(data_dir) / FILES[source]).is_file():
        pytest.skip(f"{FILES[source]} is not in {data_dir}")
    settings = IngestionSettings(
        dataset=source,
        validation_fraction=validation_fraction,
        data_dir=Path(data_dir),
        work_dir=out / "work",
        offline=True,
    )
    (out / "work").mkdir()
    component = Ingestion(settings=settings)
    component.fetch(print)
    return run_component(component, home=out / "ingestion")[component.examples]


@pytest.fixture(scope="module")
def reuters(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return ingest("reuters", 0.0, tmp_path_factory.mktemp("reuters"))


@pytest.mark.parametrize(("splits", "words"), [(("train", "test"), 30_979), (("train",), 28_137)])
def test_reuters(tmp_path: Path, reuters: Examples, splits: tuple[str, ...], words: int) -> None:
    transformed, graph, _ = preprocess(reuters, tmp_path, max_len=300, vocabulary_splits=splits)
    lines = (graph.path / "vocabulary.tsv").read_bytes().split(b"\n")[:-1]
    assert (len(lines), transformed.properties["vocabulary_size"]) == (words, words + 3)
    train, test = load_split(transformed, "train"), load_split(transformed, "test")
    assert (train.tokens.shape, test.tokens.shape) == ((8_982, 300), (2_246, 300))
    assert train.labels[:5].tolist() == [3, 4, 3, 4, 4]
    assert np.bincount(train.labels)[[3, 4, 19, 16, 1]].tolist() == [3_159, 1_949, 549, 444, 432]
    if splits == ("train", "test"):
        assert sum(int(line.split(b"\t")[1]) for line in lines) == 1_627_657
        assert lines[0].startswith(b"the\t")


def test_imdb(tmp_path: Path) -> None:
    examples = ingest("imdb", 0.1, tmp_path)
    transformed, graph, _ = preprocess(examples, tmp_path, max_len=200, max_words=10_000)
    assert graph.properties == {"vocabulary_size": 10_000, "max_len": 200}
    splits = {split: load_split(transformed, split) for split in transformed.splits}
    assert sum(len(split.labels) for split in splits.values()) == 50_000
    assert splits["test"].tokens.shape == (25_000, 200)
    assert splits["train"].tokens.max() == 9_999
    assert np.bincount(splits["test"].labels).tolist() == [12_500, 12_500]
