"""Tiny Examples written by hand, and Preprocessing run on them without a pipeline."""

from pathlib import Path
from typing import Any

from components.preprocessing import Preprocessing
from components.preprocessing.settings import PreprocessingSettings
from components.shared import determinism
from components.text.text_key import text_key
from pipeline.core.artifact import Channel
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.records.encode import encode_document
from schemas.records.examples import Document
from schemas.records.shards import shard_of_digest
from schemas.records.tfrecord import write_records
from tests.support.run_component import run_component
from tests.support.toy_texts import statistics_of

determinism.configure()  # before any test computes with TensorFlow

Rows = dict[str, list[tuple[str, int]]]
"""Text and label of each document, by split."""

ROWS: Rows = {
    "train": [
        ("Wheat, wheat & CORN prices rose", 0),
        ("The price of corn: 3 dlrs a tonne", 0),
        ("", 2),
        ("profit rose; profit fell\tprofit", 1),
        ("İstanbul ILIK Ìí Į\u0301 ΟΔΟΣ naïve", 1),
        ("a\rb nul\0nul", 2),
        *[
            (f"filler {word} text {number}", number % 3)
            for number, word in enumerate(["one", "two", "three", "four", "five"])
        ],
    ],
    "test": [("Unseen words, and corn", 0), ("!?", 1), ("the " * 20 + "end", 2)],
}


STATISTICS = Channel(ExampleStatistics, "StatisticsGen", "statistics")
ANOMALIES = Channel(ExampleAnomalies, "ExampleValidator", "anomalies")


def channel() -> Channel[Examples]:
    return Channel(Examples, "Ingestion", "examples")


def write_toy(path: Path, rows: Rows = ROWS, shards: int = 4, source: str = "toy") -> Examples:
    """Examples of `rows` in so many shards a split."""
    examples = Examples(path, {"source": source, "classes": 3, "label_names": '["a", "b", "c"]', "content_sha256": "0"})
    for split, documents in rows.items():
        examples.split_dir(split).mkdir(parents=True)
        examples.properties[f"{split}_examples"] = len(documents)
        by_shard: dict[int, list[bytes]] = {shard: [] for shard in range(shards)}
        for position, (text, label) in enumerate(documents):
            record = encode_document(Document(f"{source}/{split}/{position:05d}", text, label))
            by_shard[shard_of_digest(text_key(text.encode()), shards)].append(record)
        for shard, records in by_shard.items():
            write_records(examples.shard(split, shard, shards), records)
    return examples


def preprocess(
    examples: Examples,
    out: Path,
    max_len: int = 6,
    max_words: int = 0,
    vocabulary_splits: tuple[str, ...] = ("train",),
    statistics: ExampleStatistics | None = None,
    **more: Any,
) -> tuple[TransformedExamples, TransformGraph, list[str]]:
    """Runs the component; returns its outputs and what it logged. `more`: other PreprocessingSettings.

    `statistics`: of the examples; None: StatisticsGen runs, too.
    """
    settings = PreprocessingSettings(max_len=max_len, max_words=max_words, vocabulary_splits=vocabulary_splits, **more)
    component = Preprocessing(settings=settings, examples=channel(), statistics=STATISTICS, anomalies=ANOMALIES)
    counted = statistics or statistics_of(examples, out, tokenizer=settings.tokenizer)
    ran = run_component(component, {component.examples: examples, component.statistics: counted}, home=out)
    return ran[component.transformed], ran[component.transform_graph], ran.log


def contents(out: Path) -> dict[str, bytes]:
    """Every file of the outputs in `out`, by path."""
    directories = (out / "transformed", out / "transform_graph")
    return {str(p.relative_to(out)): p.read_bytes() for d in directories for p in sorted(d.rglob("*")) if p.is_file()}
