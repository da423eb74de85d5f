"""The JSON of statistics and anomalies, as far as a report reads it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Anomaly:
    """One of `anomalies.json` of ExampleAnomalies."""

    severity: str
    feature: str
    message: str
    split: str = ""
    value: float | None = None
    threshold: float | None = None
    formula: str | None = None


@dataclass(frozen=True)
class Rate:
    """A part of a whole; `rate`: 0..1."""

    count: int
    rate: float


@dataclass(frozen=True)
class Length:
    """Words of a text. `quantiles`: by 0.01 … 0.99."""

    min: int
    max: int
    mean: float
    quantiles: Mapping[str, int]


@dataclass(frozen=True)
class SplitText:
    """What is told of the texts of a split."""

    examples: int
    words: int
    unique_words: int
    labels: Mapping[str, int]
    length: Length
    empty: Rate
    truncated: Rate
    duplicates: Rate
    in_train: Rate
    out_of_vocabulary: Rate


@dataclass(frozen=True)
class TextStatistics:
    """`text.json` of ExampleStatistics."""

    max_len: int
    splits: Mapping[str, SplitText]
