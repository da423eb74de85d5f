"""The JSON of ModelBlessing: `blessing.json`, written by Evaluator."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.evaluation import Interval, Metrics
from schemas.contracts.numbers import Count, Share
from schemas.contracts.shown_examples import FlippedExample


class Difference(Contract, frozen=True, kw_only=True):
    """A metric compared with the baseline's on the same examples."""

    value: float
    """The metric of this model."""
    against: float
    """The metric of the baseline."""
    difference: float
    """`value` - `against`."""
    interval: Interval
    """95 % confidence interval of the difference."""
    test: str
    """The statistical test that decides."""
    p_value: Share | None
    """Its p-value, 0..1; null for the paired bootstrap, which has none."""
    significant: bool
    """Whether the difference is more than noise."""


class Check(Contract, frozen=True, kw_only=True):
    """One demand on the model. A fixed threshold has a `limit`, a comparison the fields of Difference."""

    demand: str
    """What is demanded, as in `--thresholds`."""
    passed: bool
    """Whether the model meets it."""
    words: str
    """What was found, in words."""
    value: float
    """The metric of this model."""
    limit: float | UnsetType = UNSET
    """The fixed threshold."""
    against: float | UnsetType = UNSET
    """As in Difference, and so are the others."""
    difference: float | UnsetType = UNSET
    """`value` - `against`."""
    interval: Interval | UnsetType = UNSET
    """95 % confidence interval of the difference."""
    test: str | UnsetType = UNSET
    """The statistical test that decides."""
    p_value: Share | UnsetType | None = UNSET
    """Its p-value, 0..1, or null."""
    significant: bool | UnsetType = UNSET
    """Whether the difference is more than noise."""


class Baseline(Contract, frozen=True, kw_only=True):
    """The model that was blessed before. It is named by content, so that the name is the same in every root."""

    digest: str
    """The content digest of its Model artifact."""
    weights_sha256: str | None
    """The digest of its weights, in hex; null if it has none on record."""
    compared: bool
    """Whether it was compared; false if it has other classes."""
    metrics: Metrics | None
    """Its metrics on the same examples; null if it was not compared."""


class Regression(Contract, frozen=True, kw_only=True):
    """A class whose F1 is lower than the baseline's."""

    label: Count
    """Its label, from 0."""
    name: str
    """Its name."""
    support: Count
    """Examples of this class."""
    f1: Share
    """F1 of this model, 0..1."""
    f1_before: Share
    """F1 of the baseline, 0..1."""
    difference: float
    """`f1` - `f1_before`, below 0."""
    gained: Count
    """Examples of this class that only this model predicts right."""
    lost: Count
    """Examples of this class that only the baseline predicts right."""
    p_value: Share
    """McNemar's p-value on the examples of this class, 0..1."""
    significant: bool
    """Whether it is below 0.05 divided by the number of classes (Bonferroni)."""


class Churn(Contract, frozen=True, kw_only=True):
    """Predictions that differ from the baseline's."""

    flipped: Count
    """Examples predicted as another class than before."""
    rate: Share
    """The same as a share of all examples, 0..1."""
    lost: Count
    """Of them, those that were right and are wrong."""
    gained: Count
    """Of them, those that were wrong and are right."""
    wrong_in_another_way: Count
    """Of them, those that were wrong and are wrong."""
    examples: tuple[FlippedExample, ...]
    """Some of those lost, then some of those gained, in id order."""


class Blessing(Contract, frozen=True, kw_only=True):
    """`blessing.json`: whether a model may be pushed, and why."""

    FILE: ClassVar[str] = "blessing.json"

    blessed: bool
    """Whether every check is passed."""
    reason: str
    """Why, in words."""
    checks: tuple[Check, ...]
    """Every demand on the model."""
    baseline: Baseline | None
    """The model that was blessed before; null if there is none."""
    differences: Mapping[str, Difference]
    """By metric; empty if there was no comparison."""
    per_class_regressions: tuple[Regression, ...]
    """Classes whose F1 is lower than before, largest fall first."""
    churn: Churn | None
    """Predictions that differ from the baseline's; null if there was no comparison."""
