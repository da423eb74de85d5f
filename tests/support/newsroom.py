"""Components that write what the real ones write, without TensorFlow: to see reports of it in a second.

What it writes is made up in `newsprint`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import Asking, EarlierArtifact, earlier_artifact
from pipeline.core.errors import DataError
from pipeline.core.records import ArtifactRecord, MetadataStore
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics
from schemas.artifacts.examples import Examples
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing, ModelEvaluation, PushedModel
from tests.support.newsprint import HOSTILE, blessing, chance, confusion, details, examples, topics


def write(artifact: Artifact, name: str, value: object) -> None:
    (artifact.path / name).write_text(json.dumps(value, allow_nan=False), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Ingestion(Component):
    classes: int
    examples: Channel[Examples] = output(Examples)

    def run(self, io: IO) -> None:
        names, splits = topics(self.classes), dict[str, Any]()
        for split, size in (("train", 8083), ("validation", 899), ("test", 2246)):
            labels = {n: int(size / (i + 1.5) / 3 * (0.7 + 0.6 * chance(split, i))) for i, n in enumerate(names)}
            splits[split] = {"examples": sum(labels.values()), "empty_texts": 2, "labels": labels}
        write(io[self.examples], "counts.json", {"content_sha256": "0" * 64, "splits": splits})
        counts = {f"{split}_examples": sum(told["labels"].values()) for split, told in splits.items()}
        io[self.examples].properties.update(counts, classes=self.classes, source="newsroom")


@dataclass(frozen=True, kw_only=True)
class StatisticsGen(Component):
    examples: Channel[Examples]
    statistics: Channel[ExampleStatistics] = output(ExampleStatistics)

    def run(self, io: IO) -> None:
        counts, told = json.loads((io[self.examples].path / "counts.json").read_text())["splits"], {}
        for split, of in counts.items():
            directory = io[self.statistics].path / f"Split-{split}"
            directory.mkdir()
            lengths = {n: int(400 * n**2 / 2 ** (n / 30)) // 1000 for n in range(1, 700, 7)}
            (directory / "lengths.tsv").write_text("".join(f"{n}\t{k}\n" for n, k in lengths.items()))
            rate = {"count": 12, "rate": 0.0015}
            told[split] = {
                "examples": of["examples"], "words": 1_200_345, "unique_words": 28_137, "labels": of["labels"],
                "length": {"min": 1, "max": 694, "mean": 93.1, "quantiles": {"0.5": 88}}, "empty": rate,
                "truncated": {"count": 801, "rate": 0.1}, "duplicates": rate, "in_train": rate,
                "out_of_vocabulary": {"count": 40_000, "rate": 0.033}, "repeated_ids": {},
            }  # fmt: skip
        write(io[self.statistics], "text.json", {"max_len": 300, "max_words": 0, "splits": told})
        io[self.statistics].properties["span"] = self.name


def last_statistics(store: MetadataStore, _: Asking, inputs: Mapping[str, ArtifactRecord]) -> ArtifactRecord | None:
    """Those of the last execution that are not the ones in hand."""
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
        found = {"severity": "WARNING", "split": "train", "feature": "label", "kind": "DRIFT", "value": 0.043,
                 "threshold": 0.031, "formula": "L∞ distance of label shares, span 3 against span 2",
                 "message": f"the labels have drifted, {HOSTILE[:8]} most"}  # fmt: skip
        write(io[self.anomalies], "anomalies.json", [found])


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
        history = [self._epoch(number) for number in range(1, self.epochs + 1)]
        best = min(history, key=lambda epoch: epoch["val_loss"])["epoch"]
        model = io[self.model]
        write(model, "history.json", {"best_epoch": best, "epochs": history})
        write(model, "timing.json", {"epochs": [{"epoch": e["epoch"], "seconds": 1.5} for e in history]})
        model.properties.update(
            parameters=332_856, epochs=self.epochs, best_epoch=int(best), weights_sha256="1" * 64,
            build_style="sequential", loop_style="fit",
        )  # fmt: skip

    def _epoch(self, number: int) -> dict[str, float]:
        rate = 3 * self.learning_rate * 1000
        fall, rise = 3.2 / (1 + rate * number / 3), 0.03 * max(0, number - 5)
        return {"epoch": number, "learning_rate": self.learning_rate, "loss": fall, "accuracy": 1 - fall / 4,
                "top_5_accuracy": 1 - fall / 9, "val_loss": fall * 0.8 + 0.6 + rise,
                "val_accuracy": 0.93 - fall / 5 - rise, "val_top_5_accuracy": 0.98 - fall / 9}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Evaluator(Component):
    examples: Channel[Examples]
    model: Channel[Model]
    learning_rate: float
    evaluation: Channel[ModelEvaluation] = output(ModelEvaluation)
    blessing: Channel[ModelBlessing] = output(ModelBlessing)

    def run(self, io: IO) -> None:
        labels = json.loads((io[self.examples].path / "counts.json").read_text())["splits"]["test"]["labels"]
        matrix = confusion(list(labels.values()), self.learning_rate)
        accuracy = sum(row[i] for i, row in enumerate(matrix)) / sum(map(sum, matrix))
        metrics = {"loss": 1.31, "accuracy": accuracy, "top_5_accuracy": 0.914, "macro_f1": 0.547, "micro_f1": accuracy,
                   "ece": 0.061, "examples": sum(map(sum, matrix))}  # fmt: skip
        names = list(labels)
        write(io[self.evaluation], "metrics.json", metrics)
        write(io[self.evaluation], "details.json", details(names, matrix, metrics))
        write(io[self.evaluation], "examples.json", examples(names, matrix))
        io[self.evaluation].properties.update({k: v for k, v in metrics.items() if isinstance(v, int | float)})
        told = blessing(accuracy, names)
        write(io[self.blessing], "blessing.json", told)
        io[self.blessing].properties.update(blessed=int(told["blessed"]), reason=told["reason"])


@dataclass(frozen=True, kw_only=True)
class InfraValidator(Component):
    model: Channel[Model]
    blessing: Channel[InfraBlessing] = output(InfraBlessing)

    def run(self, io: IO) -> None:
        checks = [{"name": "loaded", "ok": True, "found": "in a process of its own"},
                  {"name": "tensorflow_model_server", "ok": None, "found": "is not on PATH"}]  # fmt: skip
        write(io[self.blessing], "infra.json", {"blessed": True, "reason": "serves it", "checks": checks})
        io[self.blessing].properties.update(blessed=1, reason="serves it")


@dataclass(frozen=True, kw_only=True)
class Pusher(Component):
    model: Channel[Model]
    blessing: Channel[ModelBlessing]
    infra_blessing: Channel[InfraBlessing]
    pushed_model: Channel[PushedModel] = output(PushedModel)

    def run(self, io: IO) -> None:
        good = bool(io[self.blessing].properties["blessed"])
        destination = "serving/newsroom/3"
        told: dict[str, Any] = {"pushed": good, "version": None, "destination": None, "reason": "it is not blessed"}
        if good:
            told |= {"version": 3, "destination": destination, "reason": "pushed as version 3, which is in use now"}
            io[self.pushed_model].properties.update(pushed_version=3, pushed_destination=destination)
        write(io[self.pushed_model], "pushed.json", {**told, "model_digest": io[self.model].digest})
        io[self.pushed_model].properties.update(pushed=int(good), reason=told["reason"])
