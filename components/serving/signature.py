"""Checks that a SavedModel takes texts and returns what a model of Refit returns. Imports TensorFlow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipeline.core.errors import DataError

_EXPECTED = "expected text: string [batch] → probabilities: float32 [batch, labels], answered: bool [batch]"


def check_signature(signatures: Mapping[str, Any], path: Path, labels: Sequence[str]) -> None:
    """Raises DataError, with what was found, if `serving_default` has another form or another number of labels."""
    if "serving_default" not in signatures:
        raise _wrong(path, f"has no signature serving_default (it has: {', '.join(sorted(signatures)) or 'none'})")
    serve = signatures["serving_default"]
    takes, returns = serve.structured_input_signature[1], serve.structured_outputs
    text, probabilities = takes.get("text"), returns.get("probabilities")
    fits = text is not None and text.dtype == tf.string and text.shape.rank == 1
    gives = probabilities is not None and probabilities.dtype == tf.float32 and probabilities.shape.rank == 2
    if len(takes) != 1 or not fits or not gives:
        raise _wrong(path, f"takes {_shown(takes)} and returns {_shown(returns)}")
    columns = probabilities.shape[1]
    if labels and columns not in (None, len(labels)):
        raise _wrong(path, f"returns {columns} probabilities, but version.json names {len(labels)} labels")


def _shown(tensors: Mapping[str, Any]) -> str:
    described = [f"{name}: {spec.dtype.name} {spec.shape}" for name, spec in sorted(tensors.items())]
    return ", ".join(described) or "nothing"


def _wrong(path: Path, what: str) -> DataError:
    return DataError(f"the SavedModel in {path} {what}; {_EXPECTED}; push the model again")
