"""The JSON of ModelEvaluation: `examples.json`, written by Evaluator."""

from typing import ClassVar

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import ApproximateShare, Count


class ShownExample(Contract, frozen=True, kw_only=True):
    """An example with its prediction and the beginning of its text."""

    id: str
    """Its id."""
    label: str
    """The name of its class."""
    predicted: str
    """The name of the predicted class."""
    probability_of_label: ApproximateShare
    """The model's probability of its class, 0..1."""
    probability_of_predicted: ApproximateShare
    """The model's probability of the predicted class, 0..1."""
    text: str
    """The first characters of its text, and `…` if there are more."""


class FlippedExample(ShownExample, frozen=True, kw_only=True):
    """An example that the baseline predicts as another class."""

    predicted_before: str
    """The name of the class that the baseline predicts."""


class ConfusedPair(Contract, frozen=True, kw_only=True):
    """Two classes that the model confuses."""

    label: str
    """The name of the class."""
    predicted: str
    """The name of the class that it was predicted as."""
    count: Count
    """Examples of `label` predicted as `predicted`."""
    examples: tuple[ShownExample, ...]
    """Some of them, highest confidence first."""


class ShownExamples(Contract, frozen=True, kw_only=True):
    """`examples.json`: examples that the model predicts wrong."""

    FILE: ClassVar[str] = "examples.json"

    worst: tuple[ShownExample, ...]
    """Examples with the highest loss, highest first."""
    confused: tuple[ConfusedPair, ...]
    """The most confused pairs of classes, most examples first."""
