"""Turns artifacts into pandas tables for notebooks. Only this module needs pandas, from the extra `notebook`."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.core.artifact import Artifact
from pipeline.core.errors import UnavailableError
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation
from schemas.contracts.blessing import Blessing
from schemas.contracts.encode import given, read
from schemas.contracts.evaluation import Metrics
from schemas.contracts.training import History, TrainingTime

if TYPE_CHECKING:
    import pandas as pd

Rows = list[dict[str, Any]]


def to_frame(artifact: Artifact) -> "pd.DataFrame":
    """Returns an artifact as a table, completely in memory.

    | artifact | a row for each | columns |
    | --- | --- | --- |
    | Examples | document | id, split, label, topic, text |
    | TransformedExamples | document | id, split, label, topic, tokens (list of int) |
    | TransformGraph | word | id, word, count |
    | Model | epoch | epoch, learning_rate, loss, accuracy, …, val_loss, …, seconds |
    | ModelEvaluation | metric | metric, value |
    | ModelBlessing | demand | demand, passed, words |
    | any other | file | file, bytes |

    Raises UnavailableError if pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise UnavailableError("pandas is not installed; install it with pip install 'refit[notebook]'") from error
    rows = next((rows for type_, rows in ROWS.items() if isinstance(artifact, type_)), _files)
    return pd.DataFrame(rows(artifact))


def _documents(artifact: Artifact) -> Rows:
    from schemas.records.examples import read_documents

    examples = Examples(artifact.path, artifact.properties)
    topics = json.loads(str(examples.properties["label_names"]))
    return [
        {"id": d.id, "split": split, "label": d.label, "topic": topics[d.label], "text": d.text}
        for split in examples.splits
        for path in examples.files(split)
        for d in read_documents(path, len(topics))
    ]


def _tokens(artifact: Artifact) -> Rows:
    import tensorflow as tf

    from schemas.records.tfrecord import read_records

    transformed = TransformedExamples(artifact.path, artifact.properties)
    topics = json.loads(str(transformed.properties["label_names"]))
    rows = []
    for split in transformed.splits:
        for path in transformed.files(split):
            for record in read_records(path):
                features = tf.train.Example.FromString(record).features.feature
                label = features["label"].int64_list.value[0]
                id_ = features["id"].bytes_list.value[0].decode()
                tokens = list(features["tokens"].int64_list.value)
                rows.append({"id": id_, "split": split, "label": label, "topic": topics[label], "tokens": tokens})
    return rows


def _words(artifact: Artifact) -> Rows:
    lines = (artifact.path / "vocabulary.tsv").read_bytes().decode().removesuffix("\n").split("\n")
    first = int(artifact.properties["vocabulary_size"]) - len(lines)
    counted = (line.rpartition("\t") for line in lines)
    return [{"id": number, "word": word, "count": int(count)} for number, (word, _, count) in enumerate(counted, first)]


def _epochs(artifact: Artifact) -> Rows:
    timing = read(TrainingTime, artifact.path / TrainingTime.FILE)
    seconds = {epoch.epoch: epoch.seconds for epoch in timing.epochs}
    epochs = read(History, artifact.path / History.FILE).epochs
    return [{**given(epoch), "seconds": seconds.get(epoch.epoch)} for epoch in epochs]


def _metrics(artifact: Artifact) -> Rows:
    metrics = read(Metrics, artifact.path / Metrics.FILE)
    return [{"metric": name, "value": value} for name, value in metrics.by_name().items()]


def _demands(artifact: Artifact) -> Rows:
    checks = read(Blessing, artifact.path / Blessing.FILE).checks
    return [{"demand": check.demand, "passed": check.passed, "words": check.words} for check in checks]


def _files(artifact: Artifact) -> Rows:
    files = sorted(path for path in artifact.path.rglob("*") if path.is_file())
    return [{"file": path.relative_to(artifact.path).as_posix(), "bytes": path.stat().st_size} for path in files]


ROWS: dict[type[Artifact], Callable[[Artifact], Rows]] = {
    Examples: _documents,
    TransformedExamples: _tokens,
    TransformGraph: _words,
    Model: _epochs,
    ModelEvaluation: _metrics,
    ModelBlessing: _demands,
}
