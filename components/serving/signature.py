"""Checks that a SavedModel takes texts and returns what a model of Refit returns. Imports TensorFlow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipeline.core.errors import DataError

_OUTPUTS = "probabilities: float32 [batch, labels], answered: bool [batch]"


def check_signature(
    signatures: Mapping[str, Any], path: Path, labels: Sequence[str], inputs: Mapping[str, str]
) -> None:
    """Raises DataError, with what was found, if `serving_default` has another form or another number of labels.

    `inputs`: the dtype of each input by its name.
    """
    if "serving_default" not in signatures:
        known = ", ".join(sorted(signatures)) or "none"
        raise _wrong(path, f"has no signature serving_default (it has: {known})", inputs)
    serve = signatures["serving_default"]
    takes, returns = serve.structured_input_signature[1], serve.structured_outputs
    probabilities = returns.get("probabilities")
    found = {name: spec.dtype.name for name, spec in takes.items() if spec.shape.rank == 1}
    gives = probabilities is not None and probabilities.dtype == tf.float32 and probabilities.shape.rank == 2
    if found != inputs or len(takes) != len(inputs) or not gives:
        raise _wrong(path, f"takes {_shown(takes)} and returns {_shown(returns)}", inputs)
    columns = probabilities.shape[1]
    if labels and columns not in (None, len(labels)):
        raise _wrong(path, f"returns {columns} probabilities, but version.json names {len(labels)} labels", inputs)


def _shown(tensors: Mapping[str, Any]) -> str:
    described = [f"{name}: {spec.dtype.name} {spec.shape}" for name, spec in sorted(tensors.items())]
    return ", ".join(described) or "nothing"


def _wrong(path: Path, what: str, inputs: Mapping[str, str]) -> DataError:
    expected = ", ".join(f"{name}: {kind} [batch]" for name, kind in inputs.items())
    return DataError(f"the SavedModel in {path} {what}; expected {expected} → {_OUTPUTS}; push the model again")
