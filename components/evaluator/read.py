"""Predicts and describes the test split with one Beam pipeline, in id order. Imports TensorFlow and Beam."""

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
"""The split to evaluate on. No other component uses it to choose a model."""


@dataclass(frozen=True)
class Data:
    """The data to evaluate on, and the names of the slices."""

    examples: Examples
    transformed: TransformedExamples
    slices: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the labels, in label order."""
        return list(json.loads(str(self.examples.properties["label_names"])))

    @property
    def size(self) -> int:
        """The number of texts in the split."""
        return int(self.transformed.properties[f"{SPLIT}_examples"])


@dataclass(frozen=True)
class Baseline:
    """The last blessed model, to compare with."""

    model: Model
    names: list[str]
    """The names of its classes, in its own order."""

    @classmethod
    def of(cls, model: Model) -> "Baseline":
        """Reads the names of the classes from the files of the model."""
        return cls(model, list(read_contract(ServingAbout, model.path / ServingAbout.FILE).topics))

    def columns(self, names: Sequence[str]) -> tuple[int, ...] | None:
        """Returns its class for each of our labels, or None if its classes have other names."""
        return tuple(self.names.index(name) for name in names) if set(self.names) == set(names) else None


@dataclass(frozen=True)
class Read:
    """For each example, in id order: the prediction, the description, and the prediction of the baseline."""

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
    """Predicts with both models. Writes the predictions of `model` to `target`, and all other files to `scratch`.

    `baseline`: None, or a model with our classes. Raises DataError if the split is missing, empty or damaged, or if
    Examples and TransformedExamples do not have the same documents.
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
            _each(pipeline, "Predict with the baseline", _into(scratch / "baseline", texts), before)
    predictions = read_predictions(target.path / target.PREDICTIONS, classes)
    check_count(data.transformed, SPLIT, len(predictions.ids))
    descriptions = read_descriptions(described, len(data.slices))
    if not np.array_equal(predictions.ids, descriptions.ids):
        raise DataError(
            f"{data.transformed.path} and {data.examples.path} do not have the same documents in split {SPLIT}; "
            "run Preprocessing again (--force=Preprocessing)"
        )
    return Read(predictions, descriptions, read_predictions(scratch / "baseline", classes) if baseline else None)


def _into(directory: Path, files: Sequence[Path]) -> list[tuple[str, str]]:
    directory.mkdir()
    return [(str(path), str(directory / f"{index:05d}.gz")) for index, path in enumerate(files)]


def _each(pipeline: beam.Pipeline, name: str, shards: list[tuple[str, str]], do: beam.DoFn) -> None:
    """Applies `do` to every shard, in parallel. The order within a shard stays the same."""
    _ = (
        pipeline
        | f"{name}: shards" >> beam.Create(shards)
        | f"{name}: spread" >> beam.Reshuffle()
        | name >> beam.ParDo(do)
    )
