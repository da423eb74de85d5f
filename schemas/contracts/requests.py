"""The JSON of a line in the log of requests: a text and its answer. Written by `serve`, read by `watch`."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import ApproximateShare, Count, Number


class LoggedText(Contract, frozen=True, kw_only=True):
    """A line of the log of requests: one text and its answer. It has either `text` or `words`."""

    time: datetime
    """When it was answered, in UTC."""
    model: str
    """The name of the model that answered."""
    version: Number
    """The version that answered."""
    text: str | UnsetType = UNSET
    """The text. Absent with `--redact`."""
    words: Count | UnsetType = UNSET
    """With `--redact`: the number of words."""
    unknown: Count | UnsetType = UNSET
    """With `--redact`: words that are not in the vocabulary of the model. Absent if the model does not show its own."""
    label: str
    """The predicted label."""
    probability: ApproximateShare
    """Its probability, 0..1."""
    answered: bool
    """Whether the probability reaches the confidence from which the model answers."""
