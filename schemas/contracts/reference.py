"""The JSON of ReferenceEvaluation: `reference.json`, written by ReferenceModel."""

from typing import ClassVar, Literal

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import Count


class LinearModel(Contract, frozen=True, kw_only=True):
    """`reference.json`: how the linear model was trained."""

    FILE: ClassVar[str] = "reference.json"

    features: Literal["words", "characters"]
    """What it counts in a text: words, or sequences of one and two characters in languages without spaces."""
    columns: Count
    """The number of different words, or of sequences, in train."""
    train_examples: Count
    """The texts that it was trained on: train, or every n-th text of a larger train split."""
    folds: Count
    """The number of parts that the out-of-fold predictions divide these texts into."""
    temperature: float
    """What the decision values are divided by before the softmax, above 0."""
    label_errors: Count
    """Train texts that are listed in `label_errors.csv`."""
