"""Everything that is evaluated, read by one Beam pipeline and put together in id order. Imports TensorFlow and Beam."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import numpy as np

from components.evaluator.describe import Describe, Descriptions, read_descriptions
from components.evaluator.predict import PredictTexts, PredictTokens
from components.text.input_fn import check_count, split_files
from pipeline.core.errors import DataError
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples, TransformedExamples
from schemas.artifacts.model import Model, ModelEvaluation
from schemas.contracts.encode import read as read_contract
from schemas.contracts.training import ServingAbout
from schemas.records.predictions import Predictions, read_predictions

SPLIT = "test"
"""The split that is evaluated on, and by nothing else looked at."""


@dataclass(frozen=True)
class Data:
    """What a model is evaluated on, and by which names."""

    examples: Examples
    transformed: TransformedExamples
    slices: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the labels, in their order."""
        return list(json.loads(str(self.examples.properties["label_names"])))

    @property
    def size(self) -> int:
        """How many texts that are."""
        return int(self.transformed.properties[f"{SPLIT}_examples"])


@dataclass(frozen=True)
class Baseline:
    """The model that was blessed before."""

    model: Model
    names: list[str]
    """What its classes are called, in its own order."""

    @classmethod
    def of(cls, model: Model) -> "Baseline":
        """As its files have it."""
        return cls(model, list(read_contract(ServingAbout, model.path / ServingAbout.FILE).topics))

    def columns(self, names: Sequence[str]) -> tuple[int, ...] | None:
        """Its class for each of our labels; None if its classes are not ours."""
        return tuple(self.names.index(name) for name in names) if set(self.names) == set(names) else None


@dataclass(frozen=True)
class Read:
    """Of each example, in id order: what the model says of it, what is told of it, what the baseline says of it."""

    predictions: Predictions
    descriptions: Descriptions
    baseline: Predictions | None


def read(
    data: Data,
    model: Model,
    baseline: Baseline | None,
    target: ModelEvaluation,
    scratch: Path,
    beam_args: Sequence[str],
) -> Read:
    """Lets the models predict, writes the predictions of `model` into `target`, and the rest below `scratch`.

    `baseline`: None, or one with our classes. Raises DataError if the split is absent, empty or damaged, or if Examples
    and TransformedExamples are not of the same documents.
    """
    tokens, texts = split_files(data.transformed, SPLIT), data.examples.files(SPLIT)
    classes = len(data.names)
    (target.path / target.PREDICTIONS).mkdir()
    to_predict = [(str(path), str(target.predictions(i, len(tokens)))) for i, path in enumerate(tokens)]
    with beam_pipeline(beam_args) as pipeline:
        _each(pipeline, "Predict", to_predict, PredictTokens(model, data.transformed, SPLIT))
        _each(
            pipeline, "Describe", _into(described := scratch / "described", texts), Describe(data.examples, data.slices)
        )
        if baseline and (columns := baseline.columns(data.names)):
            before = PredictTexts(baseline.model, classes, columns)
            _each(pipeline, "Predict as before", _into(scratch / "baseline", texts), before)
    predictions = read_predictions(target.path / target.PREDICTIONS, classes)
    check_count(data.transformed, SPLIT, len(predictions.ids))
    descriptions = read_descriptions(described, len(data.slices))
    if not np.array_equal(predictions.ids, descriptions.ids):
        raise DataError(
            f"{data.transformed.path} and {data.examples.path} do not hold the same documents of {SPLIT}; "
            "run Preprocessing again (--force=Preprocessing)"
        )
    return Read(predictions, descriptions, read_predictions(scratch / "baseline", classes) if baseline else None)


def _into(directory: Path, files: Sequence[Path]) -> list[tuple[str, str]]:
    directory.mkdir()
    return [(str(path), str(directory / f"{index:05d}.gz")) for index, path in enumerate(files)]


def _each(pipeline: beam.Pipeline, name: str, shards: list[tuple[str, str]], do: beam.DoFn) -> None:
    """Shard by shard, side by side; each is written by whoever has it, in its own order."""
    _ = (
        pipeline
        | f"{name}: shards" >> beam.Create(shards)
        | f"{name}: spread" >> beam.Reshuffle()
        | name >> beam.ParDo(do)
    )
