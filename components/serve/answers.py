"""The JSON of answers, in the forms of TensorFlow Serving, and of `:classify`."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from components.serve.models import Model
from components.serve.version import LoadedVersion, Outputs
from components.serving.predictions import Predictions


class Error(Struct):
    """Why a request was not answered."""

    error: str


class Row(Struct):
    """The answer to a text."""

    answered: bool
    label: int
    probabilities: list[float]
    topic: str


class Rows(Struct):
    """The answer of `:predict` to `instances`."""

    predictions: list[Row]


class Columns(Struct):
    """The answer of `:predict` to `inputs`: a list for each output."""

    outputs: dict[str, list[Any]]


class Label(Struct):
    """A label with its probability."""

    label: str
    probability: float


class Classified(Struct):
    """The most probable label of a text, whether the model is sure enough, and the most probable labels."""

    label: str
    probability: float
    answered: bool
    top: list[Label]


class Classification(Struct):
    """The answer of `:classify`."""

    model: str
    version: int
    results: list[Classified]


class Status(Struct):
    """`OK`, or an error code with its message."""

    error_code: str
    error_message: str


class VersionStatus(Struct):
    """The state of a version: `AVAILABLE`, or `END` if it cannot be loaded."""

    version: str
    state: str
    status: Status


class ModelStatus(Struct):
    """The versions of a model."""

    model_version_status: list[VersionStatus]


class ModelHealth(Struct):
    """The version that answers; `error`: why the version that CURRENT names does not."""

    version: int | None
    error: str | None


class Health(Struct):
    """`ok`, or `degraded` if a version cannot be loaded."""

    status: str
    models: dict[str, ModelHealth] | msgspec.UnsetType = msgspec.UNSET


def predictions(outputs: Outputs, rows: bool) -> bytes:
    """Returns the answer of `:predict`. Without the name of the output if it is the only one."""
    columns = {name: _plain(outputs[name].tolist()) for name in sorted(outputs)}
    if not rows:
        return msgspec.json.encode({"outputs": columns if len(columns) > 1 else next(iter(columns.values()))})
    return msgspec.json.encode({"predictions": [dict(zip(columns, r, strict=True)) for r in zip(*columns.values(),
                                strict=True)]})  # fmt: skip


def _plain(values: list[Any]) -> list[Any]:
    return [value.decode(errors="replace") for value in values] if values and isinstance(values[0], bytes) else values


def classification(version: LoadedVersion, outputs: Outputs, top: int) -> bytes:
    """Returns the answer of `:classify`, with the `top` most probable labels of each text."""
    found = Predictions(version.labels, outputs["probabilities"], outputs["answered"])
    ranks = found.ranks(top)
    best: Sequence[Sequence[float]] = np.take_along_axis(found.probabilities, ranks, axis=1).tolist()
    results = []
    for ids, shares, answered in zip(ranks.tolist(), best, found.answered.tolist(), strict=True):
        labels = [Label(version.labels[n], share) for n, share in zip(ids, shares, strict=True)]
        results.append(Classified(labels[0].label, labels[0].probability, answered, labels))
    return msgspec.json.encode(Classification(version.model, version.number, results))


def status(model: Model, number: int | None) -> bytes | None:
    """Returns the status of a version, or of all in memory and the one that failed. None if there is none."""
    found = {version.number: VersionStatus(str(version.number), "AVAILABLE", Status("OK", ""))
             for version in model.in_memory()}  # fmt: skip
    if model.error and model.wanted is not None:
        found[model.wanted] = VersionStatus(str(model.wanted), "END", Status("DATA_LOSS", model.error))
    if number is not None and number not in found and number in model.directory.versions():
        found[number] = VersionStatus(str(number), "AVAILABLE", Status("OK", ""))  # loaded when a request names it
    shown = [found[n] for n in sorted(found, reverse=True) if number in (None, n)]
    return msgspec.json.encode(ModelStatus(shown)) if shown else None


def health(models: dict[str, Model], details: bool) -> bytes:
    """Returns the answer of `/healthz`."""
    degraded = any(model.error or model.current is None for model in models.values())
    found = {name: ModelHealth(m.current.number if m.current else None, m.error or None) for name, m in models.items()}
    return msgspec.json.encode(Health("degraded" if degraded else "ok", found if details else msgspec.UNSET))
