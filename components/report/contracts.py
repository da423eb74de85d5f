"""The JSON of training, evaluation, blessing and push, as far as a report reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """`history.json` of a Model: metrics by epoch, from 1; those of validation begin with `val_`."""

    best_epoch: int
    epochs: tuple[Mapping[str, float], ...]


@dataclass(frozen=True)
class PerClass:
    """How well one class is told from the others. `precision`, `recall`, `f1`: 0..1; `support`: its examples."""

    label: int
    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """`matrix[i][j]`: the examples of class i that were taken for class j."""

    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Bin:
    """The examples with a confidence in (low, high]; their mean confidence and accuracy, None if there are none."""

    low: float
    high: float
    examples: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Intervals:
    """Confidence intervals of the headline metrics, each [low, high] or None."""

    level: float
    metrics: Mapping[str, tuple[float, ...] | None]


@dataclass(frozen=True)
class Details:
    """`details.json` of a ModelEvaluation. `thresholds` are there with two classes alone."""

    per_class: tuple[PerClass, ...]
    confusion: Confusion
    calibration: tuple[Bin, ...] = ()
    slices: Mapping[str, tuple[Row, ...]] | None = None
    intervals: Intervals | None = None
    thresholds: tuple[Row, ...] | None = None


@dataclass(frozen=True)
class Shown:
    """An example with the beginning of its text. Probabilities: 0..1."""

    id: str
    label: str
    predicted: str
    probability_of_label: float
    probability_of_predicted: float
    text: str
    predicted_before: str = ""


@dataclass(frozen=True)
class Confused:
    """Two classes: `count` examples of `label` were taken for `predicted`."""

    label: str
    predicted: str
    count: int
    examples: tuple[Shown, ...]


@dataclass(frozen=True)
class ShownExamples:
    """`examples.json` of a ModelEvaluation: the highest losses first, the most frequent confusions first."""

    worst: tuple[Shown, ...]
    confused: tuple[Confused, ...]


@dataclass(frozen=True)
class Check:
    """A demand on the model, whether it is met, and that in words."""

    demand: str
    passed: bool
    words: str


@dataclass(frozen=True)
class Difference:
    """A metric against the baseline's, with the interval of their difference."""

    value: float
    against: float
    difference: float
    interval: tuple[float, ...]
    significant: bool


@dataclass(frozen=True)
class Regression:
    """A class whose F1 has fallen."""

    name: str
    support: int
    f1: float
    f1_before: float
    gained: int
    lost: int
    significant: bool


@dataclass(frozen=True)
class Churn:
    """How many predictions are others than the baseline's."""

    flipped: int
    rate: float
    lost: int
    gained: int
    examples: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Blessing:
    """`blessing.json` of a ModelBlessing."""

    blessed: bool
    reason: str
    checks: tuple[Check, ...]
    baseline: Row | None = None
    differences: Mapping[str, Difference] | None = None
    per_class_regressions: tuple[Regression, ...] = ()
    churn: Churn | None = None


@dataclass(frozen=True)
class Served:
    """One thing that was tried on the model as it is served; `ok` is None if it could not be tried."""

    name: str
    ok: bool | None
    found: str


@dataclass(frozen=True)
class Infra:
    """`infra.json` of an InfraBlessing."""

    blessed: bool
    reason: str
    checks: tuple[Served, ...]


@dataclass(frozen=True)
class Pushed:
    """`pushed.json` of a PushedModel."""

    pushed: bool
    reason: str
    version: int | None = None
    destination: str | None = None
