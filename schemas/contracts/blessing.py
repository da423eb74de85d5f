"""The JSON of ModelBlessing: `blessing.json`, written by Evaluator."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.evaluation import Interval, Metrics
from schemas.contracts.numbers import Count, Share
from schemas.contracts.shown_examples import FlippedExample

Verdict = Literal["first", "better", "not worse", "worse", "not compared"]
"""How the accuracy compares with the baseline's. first: there is no baseline. not compared: it knows other labels."""

Change = Literal["significant", "all lost", "too few to tell", "not significant"]
"""Whether a class is worse than before.

all lost: the baseline predicted some of its examples right, this model none. too few to tell: the baseline predicted so
few of its examples right that even losing all of them would not be significant.
"""


class Difference(Contract, frozen=True, kw_only=True):
    """A metric compared with the metric of an earlier model on the same examples."""

    value: float
    """The metric of this model."""
    against: float
    """The metric of the earlier model."""
    difference: float
    """`value` - `against`."""
    interval: Interval
    """95 % confidence interval of the difference."""
    margin: float
    """A loss of this size would be found in at least 97.5 % of cases: the width of the interval."""
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
    margin: float | UnsetType = UNSET
    """The width of the interval."""
    test: str | UnsetType = UNSET
    """The statistical test that decides."""
    p_value: Share | UnsetType | None = UNSET
    """Its p-value, 0..1, or null."""
    significant: bool | UnsetType = UNSET
    """Whether the difference is more than noise."""


class Baseline(Contract, frozen=True, kw_only=True):
    """An earlier model to compare with. Its name is its content, so that the name is the same in every root."""

    digest: str
    """The content digest of its Model artifact."""
    weights_sha256: str | None
    """The digest of its weights, in hex; null if it has none on record."""
    compared: bool
    """Whether it was compared; false if no example has a label that both models know."""
    examples: Count
    """Examples that it was compared on: those whose label both models know."""
    metrics: Metrics | None
    """Its metrics on these examples; null if it was not compared."""
    differences: Mapping[str, Difference]
    """This model's metrics compared with its metrics, by metric; empty if it was not compared."""
    new_labels: tuple[str, ...]
    """Labels that only this model knows: the earlier one has no such class, or had no training example of it."""
    lost_labels: tuple[str, ...]
    """Labels that only the earlier model knows."""


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
    q_value: Share
    """The p-value adjusted for the number of classes that are compared (Benjamini and Hochberg 1995), 0..1."""
    change: Change
    """Whether the class is worse: `significant` if `q_value` is below 0.05."""


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
    verdict: Verdict
    """How the accuracy compares with the baseline's."""
    reason: str
    """Why, in words, with the warnings."""
    warnings: tuple[str, ...]
    """What a person should know before using the model, even if every check is passed."""
    checks: tuple[Check, ...]
    """Every demand on the model."""
    baseline: Baseline | None
    """The model in use, or the last blessed one if none is in use; null if there is neither."""
    best: Baseline | None
    """The best model that was ever in use; null if it is the baseline, or if there is no baseline."""
    best_so_far: bool
    """Whether this model takes its place: it is significantly better than it, or nothing could be compared."""
    reference: Difference | UnsetType = UNSET
    """The accuracy compared with that of a linear model on the same texts; absent without such a model."""
    label_examples: Mapping[str, Count]
    """Examples of each label in all splits, by name, in label order."""
    per_class_regressions: tuple[Regression, ...]
    """Classes whose F1 is lower than the baseline's, largest decrease first."""
    churn: Churn | None
    """Predictions that differ from the baseline's; null if there was no comparison."""
