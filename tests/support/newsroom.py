"""Components that write the same files as the real ones, without TensorFlow: their reports take a second.

`newsprint` makes up the content.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import Asking, EarlierArtifact, earlier_artifact
from pipeline.core.errors import DataError
from pipeline.core.records import ArtifactRecord, MetadataStore
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics
from schemas.artifacts.examples import Examples
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing, ModelEvaluation, PushedModel
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.contracts.anomalies import Anomaly
from schemas.contracts.encode import Contract, read, write
from schemas.contracts.examples import ExampleCounts, SplitCounts
from schemas.contracts.infra import Infra, ServingCheck
from schemas.contracts.label_errors import COLUMNS
from schemas.contracts.push import Pushed
from schemas.contracts.reference import LinearModel
from schemas.contracts.statistics import NearPair, TextStatistics
from schemas.contracts.training import Epoch, EpochSeconds, History, TrainingTime
from tests.support.newsprint import (
    HOSTILE,
    TEXT,
    blessing,
    chance,
    confusion,
    details,
    examples,
    metrics_of,
    text_of,
    topics,
)


def put(artifact: Artifact, content: Contract) -> None:
    write(artifact.path / content.FILE, content)


def read_counts(examples: Examples) -> ExampleCounts:
    return read(ExampleCounts, examples.path / ExampleCounts.FILE)


@dataclass(frozen=True, kw_only=True)
class Ingestion(Component):
    classes: int
    examples: Channel[Examples] = output(Examples)

    def run(self, io: IO) -> None:
        names, splits = topics(self.classes), dict[str, SplitCounts]()
        for split, size in (("train", 8083), ("validation", 899), ("test", 2246)):
            labels = {n: int(size / (i + 1.5) / 3 * (0.7 + 0.6 * chance(split, i))) for i, n in enumerate(names)}
            splits[split] = SplitCounts(examples=sum(labels.values()), empty_texts=2, labels=labels)
        put(io[self.examples], ExampleCounts(content_sha256="0" * 64, set_aside=3, splits=splits))
        counts = {f"{split}_examples": of.examples for split, of in splits.items()}
        io[self.examples].properties.update(counts, classes=self.classes, source="newsroom")


@dataclass(frozen=True, kw_only=True)
class StatisticsGen(Component):
    examples: Channel[Examples]
    statistics: Channel[ExampleStatistics] = output(ExampleStatistics)

    def run(self, io: IO) -> None:
        counts = read_counts(io[self.examples]).splits
        for split in counts:
            directory = io[self.statistics].split_dir(split)
            directory.mkdir()
            lengths = {n: int(400 * n**2 / 2 ** (n / 30)) // 1000 for n in range(1, 700, 7)}
            (directory / "lengths.tsv").write_text("".join(f"{n}\t{k}\n" for n, k in lengths.items()))
        splits = {split: text_of(of) for split, of in counts.items()}
        pair = NearPair(similarity=0.9, splits=("train", "test"), ids=("a/1", "b/2"), texts=(TEXT, TEXT + "!"))
        put(io[self.statistics],
            TextStatistics(max_len=300, vocabulary_words=0, splits=splits, near_pairs=(pair,)))  # fmt: skip
        io[self.statistics].properties["span"] = self.name


def last_statistics(store: MetadataStore, _: Asking, inputs: Mapping[str, ArtifactRecord]) -> ArtifactRecord | None:
    """The statistics of the last execution that has others than `inputs`."""
    for execution in store.recent("StatisticsGen", 5):
        if execution.outputs["statistics"].digest != inputs["statistics"].digest:
            return execution.outputs["statistics"]
    return None


@dataclass(frozen=True, kw_only=True)
class ExampleValidator(Component):
    statistics: Channel[ExampleStatistics]
    previous: EarlierArtifact[ExampleStatistics] = earlier_artifact(ExampleStatistics, last_statistics)
    anomalies: Channel[ExampleAnomalies] = output(ExampleAnomalies)

    def run(self, io: IO) -> None:
        found = Anomaly(severity="WARNING", split="train", feature="label", kind="label_drift", value=0.043,
                        threshold=0.031, formula="L∞ distance of label shares, span 3 against span 2",
                        message=f"the labels have drifted, {HOSTILE[:8]} most")  # fmt: skip
        write(io[self.anomalies].path / ExampleAnomalies.LIST, (found,))


@dataclass(frozen=True, kw_only=True)
class ReferenceModel(Component):
    examples: Channel[Examples]
    evaluation: Channel[ReferenceEvaluation] = output(ReferenceEvaluation)

    def run(self, io: IO) -> None:
        labels = read_counts(io[self.examples]).splits["test"].labels
        names, target = list(labels), io[self.evaluation]
        put(target, metrics_of(confusion(list(labels.values()), 0.5)))
        put(target, LinearModel(features="words", columns=28_137, train_examples=8083, folds=3, temperature=0.2,
                                label_errors=21))  # fmt: skip
        with (target.path / target.LABEL_ERRORS).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            for n in range(21):
                rows.writerow([f"newsroom/train/{n:05d}", HOSTILE + TEXT * 4, names[0], names[1], f"0.{n:02d}"])


@dataclass(frozen=True, kw_only=True)
class Trainer(Component):
    examples: Channel[Examples]
    learning_rate: float
    epochs: int
    stumble: bool = False
    model: Channel[Model] = output(Model)

    def run(self, io: IO) -> None:
        if self.stumble:
            raise DataError(f"the loss became NaN in {HOSTILE[:12]}; lower --learning_rate")
        epochs = tuple(self._epoch(number) for number in range(1, self.epochs + 1))
        best = min(epochs, key=lambda epoch: epoch.val_loss).epoch
        model = io[self.model]
        put(model, History(best_epoch=best, epochs=epochs))
        put(model, TrainingTime(epochs=tuple(EpochSeconds(epoch=e.epoch, seconds=1.5) for e in epochs)))
        model.properties.update(
            parameters=332_856, epochs=self.epochs, best_epoch=best, weights_sha256="1" * 64,
            build_style="sequential", loop_style="fit",
        )  # fmt: skip

    def _epoch(self, number: int) -> Epoch:
        rate = 3 * self.learning_rate * 1000
        fall, rise = 3.2 / (1 + rate * number / 3), 0.03 * max(0, number - 5)
        return Epoch(epoch=number, learning_rate=self.learning_rate, loss=fall, accuracy=1 - fall / 4,
                     top_5_accuracy=1 - fall / 9, val_loss=fall * 0.8 + 0.6 + rise,
                     val_accuracy=0.93 - fall / 5 - rise, val_top_5_accuracy=0.98 - fall / 9)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Evaluator(Component):
    examples: Channel[Examples]
    model: Channel[Model]
    learning_rate: float
    evaluation: Channel[ModelEvaluation] = output(ModelEvaluation)
    blessing: Channel[ModelBlessing] = output(ModelBlessing)

    def run(self, io: IO) -> None:
        labels = read_counts(io[self.examples]).splits["test"].labels
        names, matrix = list(labels), confusion(list(labels.values()), self.learning_rate)
        metrics = metrics_of(matrix)
        for content in (metrics, details(names, matrix, metrics), examples(names, matrix)):
            put(io[self.evaluation], content)
        io[self.evaluation].properties.update(metrics.by_name())
        verdict = blessing(metrics, names)
        put(io[self.blessing], verdict)
        io[self.blessing].properties.update(blessed=int(verdict.blessed), reason=verdict.reason)


@dataclass(frozen=True, kw_only=True)
class InfraValidator(Component):
    model: Channel[Model]
    blessing: Channel[InfraBlessing] = output(InfraBlessing)

    def run(self, io: IO) -> None:
        checks = (ServingCheck("loaded", True, "in a process of its own"),
                  ServingCheck("tensorflow_model_server", None, "is not on PATH"))  # fmt: skip
        put(io[self.blessing], Infra(blessed=True, reason="serves it", checks=checks))
        io[self.blessing].properties.update(blessed=1, reason="serves it")


@dataclass(frozen=True, kw_only=True)
class Pusher(Component):
    model: Channel[Model]
    blessing: Channel[ModelBlessing]
    infra_blessing: Channel[InfraBlessing]
    pushed_model: Channel[PushedModel] = output(PushedModel)

    def run(self, io: IO) -> None:
        good = bool(io[self.blessing].properties["blessed"])
        version, destination, reason = None, None, "it is not blessed"
        if good:
            version, destination = 3, "serving/newsroom/3"
            reason = "pushed as version 3, which is in use now"
            io[self.pushed_model].properties.update(pushed_version=version, pushed_destination=destination)
        digest = io[self.model].digest
        put(io[self.pushed_model], Pushed(pushed=good, version=version, destination=destination, reason=reason,
                                          model_digest=digest))  # fmt: skip
        io[self.pushed_model].properties.update(pushed=int(good), reason=reason)
