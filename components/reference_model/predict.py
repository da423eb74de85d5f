"""Predicts the test split with the linear model, and writes the predictions. Imports TensorFlow."""

import numpy as np

from components.reference_model.features import AT_ONCE, Features
from components.reference_model.linear import Linear, probabilities
from components.reference_model.read import batches, read_split
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.records.predictions import Predictions, encode_predictions
from schemas.records.tfrecord import write_records

SPLIT = "test"


def predict(examples: Examples, features: Features, model: Linear, temperature: float) -> Predictions:
    """Predicts the test split in batches. Raises DataError if it is empty."""
    ids, labels, found = [], [], [np.empty((0, model.classes), np.float32)]
    for batch in batches(read_split(examples, SPLIT), AT_ONCE):
        ids += [document.id.encode() for document in batch]
        labels += [document.label for document in batch]
        decisions = model.decide(features.transform([document.text for document in batch]))
        found.append(probabilities(decisions, temperature).astype(np.float32))
    if not ids:
        raise DataError(f"{examples.split_dir(SPLIT)} is empty; add documents for {SPLIT} to the source")
    named = np.array(ids, object)
    order = np.argsort(named, kind="stable")
    return Predictions(named[order], np.array(labels, np.int32)[order], np.concatenate(found)[order])


def write_predictions(target: ReferenceEvaluation, found: Predictions) -> None:
    """Writes the predictions as the Evaluator writes those of a model, in one file."""
    path = target.predictions()
    path.parent.mkdir()
    rows = zip(found.ids.tolist(), found.labels.tolist(), found.probabilities.tolist(), strict=True)
    write_records(path, encode_predictions(rows))
