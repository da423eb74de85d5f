"""Predicts and describes the test split with one Beam pipeline, in id order. Imports TensorFlow and Beam."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import numpy as np

from components.evaluator.describe import Describe, Descriptions, read_descriptions
from components.evaluator.predict import PredictTexts, PredictTokens
from components.shared.labels import Labels
from components.text.input_fn import check_count, split_files
from pipeline.core.errors import DataError
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples, TransformedExamples
from schemas.artifacts.model import Model, ModelEvaluation
from schemas.contracts.encode import read as read_contract
from schemas.contracts.examples import ExampleCounts
from schemas.records.predictions import Predictions, read_predictions

SPLIT = "test"
"""The split to evaluate on. No other component uses it to choose a model."""


@dataclass(frozen=True)
class Data:
    """The data to evaluate on, and the names of the slices."""

    examples: Examples
    transformed: TransformedExamples
    slices: tuple[str, ...]
    labels: Labels
    """The labels of the model to evaluate."""
    repeated: frozenset[str]
    """The ids of the test examples whose text is also in train or validation."""

    @property
    def names(self) -> list[str]:
        """The names of the labels, in label order."""
        return list(json.loads(str(self.examples.properties["label_names"])))

    def label_examples(self) -> dict[str, int]:
        """The number of examples of each label in all splits, in label order."""
        splits = read_contract(ExampleCounts, self.examples.path / ExampleCounts.FILE).splits.values()
        return {name: sum(split.labels.get(name, 0) for split in splits) for name in self.names}

    @property
    def size(self) -> int:
        """The number of texts in the split."""
        return int(self.transformed.properties[f"{SPLIT}_examples"])


@dataclass(frozen=True)
class EarlierModel:
    """A model of an earlier run to compare with."""

    name: str
    """Its role: `baseline` or `best`."""
    model: Model
    labels: Labels

    @classmethod
    def of(cls, name: str, model: Model) -> "EarlierModel":
        """Reads the labels of the model from its files."""
        return cls(name, model, Labels.of(model))


@dataclass(frozen=True)
class Read:
    """For each example, in id order: the prediction, the description, and the predictions of earlier models."""

    predictions: Predictions
    descriptions: Descriptions
    earlier: Mapping[str, Predictions]
    """By name. The columns are our labels, followed by those that only the earlier model has."""


def read(
    data: Data,
    model: Model,
    earlier: Sequence[EarlierModel],
    target: ModelEvaluation,
    scratch: Path,
    beam_args: Sequence[str],
) -> Read:
    """Predicts with every model. Writes the predictions of `model` to `target`, and all other files to `scratch`.

    Raises DataError if the split is missing, empty or damaged, or if
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
        for other in earlier:
            predict = PredictTexts(other.model, classes, columns(data.names, other.labels))
            _each(pipeline, f"Predict with the {other.name}", _into(scratch / other.name, texts), predict)
    predictions = read_predictions(target.path / target.PREDICTIONS, classes)
    check_count(data.transformed, SPLIT, len(predictions.ids))
    descriptions = read_descriptions(described, len(data.slices))
    if not np.array_equal(predictions.ids, descriptions.ids):
        raise DataError(
            f"{data.transformed.path} and {data.examples.path} do not have the same documents in split {SPLIT}; "
            "run Preprocessing again (--force=Preprocessing)"
        )
    before = {
        other.name: read_predictions(scratch / other.name, len(columns(data.names, other.labels))) for other in earlier
    }
    return Read(predictions, descriptions, before)


def columns(names: Sequence[str], labels: Labels) -> tuple[int | None, ...]:
    """Returns, for each of `names` and each further label of a model, its class in the model; None if it has none."""
    place = {name: number for number, name in enumerate(labels.names)}
    return tuple(place.get(name) for name in Labels(tuple(names)).with_(labels))


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
