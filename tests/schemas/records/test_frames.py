"""Artifacts as pandas tables."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from pipeline.core.artifact import Artifact
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation
from schemas.contracts.blessing import Blessing, Check
from schemas.contracts.encode import write
from schemas.contracts.evaluation import Metrics
from schemas.contracts.training import Epoch, EpochSeconds, History, TrainingTime
from schemas.records.encode import encode_document, encode_tokens
from schemas.records.examples import Document
from schemas.records.frames import to_frame
from schemas.records.tfrecord import write_records
from tests.schemas.contracts.goldens import EPOCH, METRICS

TOPICS = {"label_names": json.dumps(["corn", "oil"])}


def shard(artifact: Artifact, split: str, prefix: str, *records: bytes) -> None:
    (artifact.path / f"Split-{split}").mkdir()
    write_records(artifact.path / f"Split-{split}" / f"{prefix}-00000-of-00001.gz", records)


def examples(path: Path) -> Artifact:
    artifact = Examples(path, TOPICS)
    shard(artifact, "test", "data_tfrecord", encode_document(Document("a/test/0", "oil up", 1)))
    shard(artifact, "train", "data_tfrecord", encode_document(Document("a/train/0", "", 0)))
    return artifact


def transformed(path: Path) -> Artifact:
    artifact = TransformedExamples(path, TOPICS)
    made = encode_tokens(tf.constant(["a/train/0"]), tf.constant([[0, 1, 3]]), tf.constant([1])).numpy()
    shard(artifact, "train", "transformed_tfrecord", *made)
    return artifact


def graph(path: Path) -> Artifact:
    (path / "vocabulary.tsv").write_bytes(b"oil\t2\nup\r\t1\n")
    return TransformGraph(path, {"vocabulary_size": 5})


def model(path: Path) -> Artifact:
    write(path / History.FILE, History(best_epoch=1, epochs=(Epoch(**EPOCH),)))
    write(path / TrainingTime.FILE, TrainingTime(epochs=(EpochSeconds(epoch=1, seconds=3.5),)))
    return Model(path)


def evaluation(path: Path) -> Artifact:
    write(path / Metrics.FILE, Metrics(**METRICS))
    return ModelEvaluation(path)


def blessing(path: Path) -> Artifact:
    check = Check(demand="accuracy>=0.6", passed=True, words="it is", value=0.7, limit=0.6)
    found = Blessing(
        blessed=True, verdict="first", reason="it is", warnings=(), checks=(check,), baseline=None, best=None,
        best_so_far=True, label_examples={}, per_class_regressions=(), churn=None,
    )  # fmt: skip
    write(path / found.FILE, found)
    return ModelBlessing(path)


def other(path: Path) -> Artifact:
    (path / "some.bin").write_bytes(b"123")
    return Artifact(path)


ARTIFACTS = {
    examples: [
        {"id": "a/train/0", "split": "train", "label": 0, "topic": "corn", "text": ""},
        {"id": "a/test/0", "split": "test", "label": 1, "topic": "oil", "text": "oil up"},
    ],
    transformed: [{"id": "a/train/0", "split": "train", "label": 1, "topic": "oil", "tokens": [0, 1, 3]}],
    graph: [{"id": 3, "word": "oil", "count": 2}, {"id": 4, "word": "up\r", "count": 1}],
    model: [{**EPOCH, "seconds": 3.5}],
    evaluation: [{"metric": name, "value": value} for name, value in METRICS.items()],
    blessing: [{"demand": "accuracy>=0.6", "passed": True, "words": "it is"}],
    other: [{"file": "some.bin", "bytes": 3}],
}


@pytest.mark.parametrize("make", ARTIFACTS, ids=lambda make: make.__name__)
def test_every_artifact_as_a_table(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert to_frame(make(tmp_path)).to_dict("records") == ARTIFACTS[make]


def test_the_error_without_pandas_names_the_fix() -> None:
    code = """
import sys; sys.modules["pandas"] = None
from pathlib import Path
from pipeline.core.artifact import Artifact
from schemas.records.frames import to_frame
try: to_frame(Artifact(Path(".")))
except Exception as error: print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "UnavailableError pandas is not installed; install it with pip install 'refit[notebook]'\n"
