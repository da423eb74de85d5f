"""Examples written by hand, whatever is in them, and the components that look at them, run without a pipeline."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from components.example_validator import ExampleValidator
from components.example_validator.settings import ValidatorSettings
from components.schema_gen import SchemaGen
from components.schema_gen.settings import SchemaSettings
from components.shared import determinism
from components.statistics_gen import StatisticsGen
from components.statistics_gen.settings import StatisticsSettings
from components.text.text_key import text_key
from pipeline.core.artifact import Channel
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics, Schema
from schemas.artifacts.examples import Examples
from schemas.records.shards import shard_of_digest
from schemas.records.tfrecord import write_records
from tests.support.run_component import run_component

determinism.configure()  # before any test computes with TensorFlow

Features = Mapping[str, Sequence[bytes | int | float]]
Rows = Mapping[str, Sequence[tuple[str, int] | Features]]
"""By split: a text and its label, or features as they are."""

NAMES = ("bad", "good")

ROWS: Rows = {
    "train": [
        ("Good, good & cheap", 1),
        ("Bad: very bad!", 0),
        ("Bad: very bad!", 0),
        ("", 1),
        ("naïve ÉTÉ\rnul\0nul", 1),
        ("bad\vbad\fbad", 0),
    ],
    "test": [("Good and new", 1), ("Bad: very bad!", 0), ("?!", 1)],
}


def example(features: Features) -> bytes:
    """The record of `features`: each a list of values of one type."""
    made = {}
    for name, values in features.items():
        if values and isinstance(values[0], bytes):
            made[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        elif values and isinstance(values[0], float):
            made[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        else:
            made[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    record = tf.train.Example(features=tf.train.Features(feature=made))
    return bytes(record.SerializeToString(deterministic=True))


def write_rows(
    path: Path, rows: Rows = ROWS, shards: int = 4, names: Sequence[str] = NAMES, span: int | None = None
) -> Examples:
    """Examples of `rows` in so many shards a split."""
    examples = Examples(path, {"source": "toy", "classes": len(names), "label_names": json.dumps(list(names))})
    if span is not None:
        examples.properties["span"] = span
    for split, some in rows.items():
        examples.split_dir(split).mkdir(parents=True)
        examples.properties[f"{split}_examples"] = len(some)
        by_shard: dict[int, list[bytes]] = {shard: [] for shard in range(shards)}
        for position, row in enumerate(some):
            if isinstance(row, tuple):
                text, label = row
                row = {"id": [f"toy/{split}/{position:05d}".encode()], "text": [text.encode()], "label": [label]}
            texts = row.get("text", ())
            first = texts[0].decode(errors="replace").encode() if texts and isinstance(texts[0], bytes) else None
            shard = 0 if first is None else shard_of_digest(text_key(first), shards)
            by_shard[shard].append(example(row))
        for shard, records in by_shard.items():
            write_records(examples.shard(split, shard, shards), records)
    return examples


def statistics_of(
    examples: Examples, out: Path, max_len: int = 4, max_words: int = 0, **more: Any
) -> ExampleStatistics:
    """Runs StatisticsGen."""
    settings = StatisticsSettings(max_len=max_len, max_words=max_words, **more)
    component = StatisticsGen(settings=settings, examples=Channel(Examples, "Ingestion", "examples"))
    return run_component(component, {component.examples: examples}, home=out / component.name)[component.statistics]


def schema_of(
    statistics: ExampleStatistics, out: Path, source: str = "toy", given: Path | None = None
) -> tuple[Schema, list[str]]:
    """Runs SchemaGen; returns its output and what it logged."""
    component = SchemaGen(
        settings=SchemaSettings(dataset=source, schema=given),
        statistics=Channel(ExampleStatistics, "StatisticsGen", "statistics"),
    )
    ran = run_component(component, {component.statistics: statistics}, home=out / component.name)
    return ran[component.schema], ran.log


def validate(
    statistics: ExampleStatistics,
    schema: Schema,
    out: Path,
    previous: ExampleStatistics | None = None,
    **settings: Any,
) -> tuple[ExampleAnomalies, list[str]]:
    """Runs ExampleValidator; returns its output and what it logged."""
    component = ExampleValidator(
        settings=ValidatorSettings(**settings),
        statistics=Channel(ExampleStatistics, "StatisticsGen", "statistics"),
        schema=Channel(Schema, "SchemaGen", "schema"),
    )
    inputs = {component.statistics: statistics, component.schema: schema, component.previous: previous}
    ran = run_component(component, inputs, home=out / component.name)
    return ran[component.anomalies], ran.log


def check_rows(rows: Rows, out: Path, **settings: Any) -> list[dict[str, Any]]:
    """The anomalies of `rows` by a schema that wants one id, one text and one of two labels."""
    statistics = statistics_of(write_rows(out / "examples", rows), out)
    (out / "mine.pbtxt").write_text(SCHEMA, encoding="utf-8")
    schema, _ = schema_of(statistics, out, given=out / "mine.pbtxt")
    made, _ = validate(statistics, schema, out, **settings)
    found: list[dict[str, Any]] = json.loads((made.path / made.LIST).read_text(encoding="utf-8"))
    return found


SCHEMA = """
feature { name: "id" type: BYTES presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } } }
feature { name: "text" type: BYTES presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } } }
feature {
  name: "label" type: INT presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } }
  int_domain { min: 0 max: 1 }
}
string_domain { name: "label_names" value: "bad" value: "good" }
"""
