"""Texts written by hand, models with random weights, and the Evaluator run on them without a pipeline."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.shared import determinism

determinism.configure()

import tensorflow as tf  # noqa: E402

from components.evaluator import Evaluator  # noqa: E402
from components.evaluator.settings import EvaluatorSettings  # noqa: E402
from components.models.build import build_model  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.preprocessing import Preprocessing  # noqa: E402
from components.preprocessing.settings import PreprocessingSettings  # noqa: E402
from components.text.text_key import text_key  # noqa: E402
from components.trainer.controller import Progress  # noqa: E402
from components.trainer.save import save  # noqa: E402
from components.trainer.serving import save_serving  # noqa: E402
from components.trainer.settings import TrainerSettings  # noqa: E402
from pipeline.core.artifact import Channel, Scalar  # noqa: E402
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics  # noqa: E402
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph  # noqa: E402
from schemas.artifacts.model import Model  # noqa: E402
from schemas.artifacts.reference import ReferenceEvaluation  # noqa: E402
from schemas.artifacts.statistics import write_repeated  # noqa: E402
from schemas.contracts.encode import write  # noqa: E402
from schemas.contracts.examples import ExampleCounts, SplitCounts  # noqa: E402
from schemas.contracts.statistics import RepeatedIds  # noqa: E402
from schemas.records.shards import shard_of_digest  # noqa: E402
from schemas.records.tfrecord import write_records  # noqa: E402
from tests.support.run_component import run_component  # noqa: E402
from tests.support.toy_texts import statistics_of  # noqa: E402

SHARDS = 3
"""Other than the shards of token ids are."""

WORDS = ("wheat", "profit", "oil")


def channel(type_: type[Any], producer: str, key: str) -> Channel[Any]:
    return Channel(type_, producer, key)


def document(id_: str, text: str, label: int, **features: bytes) -> bytes:
    values = {"id": id_.encode(), "text": text.encode(), **features}
    feature = {k: tf.train.Feature(bytes_list=tf.train.BytesList(value=[v])) for k, v in values.items()}
    feature["label"] = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
    return bytes(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString(deterministic=True))


def write_examples(path: Path, test: int = 40, names: Sequence[str] = "abc", **properties: str) -> Examples:
    """Texts of one to sixty words, of which one tells the label; each has an `author`."""
    given: dict[str, Scalar] = {
        "source": "toy",
        "classes": len(names),
        "label_names": json.dumps(list(names)),
        "content_sha256": "0",
    }
    examples, splits = Examples(path, {**given, **properties}), {}
    for split, count in (("train", 12), ("test", test)):
        examples.split_dir(split).mkdir(parents=True)
        examples.properties[f"{split}_examples"] = count
        by_shard: dict[int, list[bytes]] = {shard: [] for shard in range(SHARDS)}
        for n in range(count):
            label = n % len(names)
            text = f"{WORDS[label]} number {n} " + "filler " * (n * 2)
            author = {"author": b"ann" if n % 4 else b"bob"}
            record = document(f"toy/{split}/{n:05d}", text, label, **author)
            by_shard[shard_of_digest(text_key(text.encode()), SHARDS)].append(record)
        for shard, records in by_shard.items():
            write_records(examples.shard(split, shard, SHARDS), records)
        labels = {name: len(range(label, count, len(names))) for label, name in enumerate(names)}
        splits[split] = SplitCounts(examples=count, empty_texts=0, labels=labels)
    write(path / ExampleCounts.FILE, ExampleCounts(content_sha256="0", set_aside=0, splits=splits))
    return examples


def preprocess(
    examples: Examples, out: Path, max_len: int = 20, max_words: int = 0, **more: Any
) -> tuple[TransformedExamples, TransformGraph]:
    component = Preprocessing(
        settings=PreprocessingSettings(max_len=max_len, max_words=max_words, **more),
        examples=channel(Examples, "Ingestion", "examples"),
        statistics=channel(ExampleStatistics, "StatisticsGen", "statistics"),
        anomalies=channel(ExampleAnomalies, "ExampleValidator", "anomalies"),
    )
    counted = statistics_of(examples, out, tokenizer=component.settings.tokenizer)
    ran = run_component(component, {component.examples: examples, component.statistics: counted}, home=out)
    return ran[component.transformed], ran[component.transform_graph]


def make_model(path: Path, transformed: TransformedExamples, graph: TransformGraph, seed: int = 0) -> Model:
    """A saved model of random weights, with `Format-Serving/`."""
    sizes: dict[str, Any] = {
        name: int(transformed.properties[name]) for name in ("vocabulary_size", "max_len", "classes")
    }
    spec = ModelSpec(build_style="sequential", **sizes)
    training = TrainerSettings(loop_style="fit", epochs=1, batch_size=4, learning_rate=0.01)
    model, artifact = build_model(spec, seed), Model(path, digest=f"digest of {path.name}")
    model.set_weights([weight * 3 for weight in model.get_weights()])  # or all predictions are much alike
    artifact.path.mkdir(parents=True)
    save(model, spec, training, "memory", Progress(), artifact)
    save_serving(model, spec, graph.path, json.loads(str(transformed.properties["label_names"])), artifact)
    return artifact


class Evaluated:
    """The Evaluator's outputs."""

    def __init__(
        self,
        out: Path,
        examples: Examples,
        transformed: TransformedExamples,
        model: Model,
        baseline: Model | None = None,
        best: Model | None = None,
        beam_args: tuple[str, ...] = (),
        repeated: Sequence[str] = (),
        linear: ReferenceEvaluation | None = None,
        **settings: Any,
    ) -> None:
        component = Evaluator(
            settings=EvaluatorSettings(resamples=50, **settings),
            examples=channel(Examples, "Ingestion", "examples"),
            statistics=channel(ExampleStatistics, "StatisticsGen", "statistics"),
            transformed=channel(TransformedExamples, "Preprocessing", "transformed"),
            model=channel(Model, "Trainer", "model"),
            reference=channel(ReferenceEvaluation, "ReferenceModel", "evaluation") if linear else None,
        )
        statistics = ExampleStatistics(out / "statistics")
        statistics.split_dir("test").mkdir(parents=True)
        write_repeated(statistics, "test", RepeatedIds(equal=tuple(repeated), near=()))
        inputs: dict[Any, Any] = {
            component.examples: examples, component.statistics: statistics, component.transformed: transformed,
            component.model: model, component.baseline: baseline, component.best: best,
        }  # fmt: skip
        if component.reference and linear:
            inputs[component.reference] = linear
        ran = run_component(component, inputs, home=out, beam_args=beam_args)
        self.evaluation, self.blessing, self.said = ran[component.evaluation], ran[component.blessing], ran.log

    def json(self, name: str) -> Any:
        directory = self.blessing.path if name == "blessing.json" else self.evaluation.path
        return json.loads((directory / name).read_text(encoding="utf-8"))

    @property
    def content(self) -> dict[str, str | None]:
        """What every file of both outputs holds, as far as it is content."""
        return {
            str(path.relative_to(artifact.path)): artifact.digest_file(str(path.relative_to(artifact.path)))
            for artifact in (self.evaluation, self.blessing)
            for path in sorted(artifact.path.rglob("*"))
            if path.is_file()
        }
