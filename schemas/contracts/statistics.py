"""The JSON of ExampleStatistics: `text.json`, written by StatisticsGen."""

from collections.abc import Mapping
from typing import ClassVar

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import Count, Share


class Rate(Contract, frozen=True, kw_only=True):
    """A part of a total."""

    count: Count
    """How many."""
    rate: Share
    """The same as a share of the total, 0..1; 0 if the total is 0."""


class Length(Contract, frozen=True, kw_only=True):
    """The lengths of a split's texts, in words."""

    min: Count
    """Words of the shortest text."""
    max: Count
    """Words of the longest text."""
    mean: float
    """Mean number of words, 0 or more."""
    quantiles: Mapping[str, Count]
    """Words by quantile, 0.01 to 0.99, each the length of a text in the split. Empty if the split has no texts."""


class SplitText(Contract, frozen=True, kw_only=True):
    """The texts of one split."""

    examples: Count
    """Examples in the split."""
    words: Count
    """Words in all its texts."""
    unique_words: Count
    """Different words in its texts."""
    labels: Mapping[str, Count]
    """Examples by label name, or by number for a label without a name. Every known label is listed."""
    length: Length
    """How long its texts are."""
    empty: Rate
    """Texts without a word."""
    truncated: Rate
    """Texts of `max_len` words or more, which are cut: the start of a text is a token too."""
    duplicates: Rate
    """Texts that repeat another text of the split."""
    in_train: Rate
    """Texts that are in train too. In train itself: all."""
    out_of_vocabulary: Rate
    """Words that are not in the vocabulary of train. In train: words of a text that no other text of train has."""
    repeated_ids: Mapping[str, Count]
    """Ids that several examples share, and the number of examples: the first few only."""


class TextStatistics(Contract, frozen=True, kw_only=True):
    """`text.json`: the texts of every split."""

    FILE: ClassVar[str] = "text.json"

    max_len: Count
    """Tokens that the model sees of a text."""
    vocabulary_words: Count
    """The most words that the vocabulary may hold; 0: all words of train."""
    splits: Mapping[str, SplitText]
    """By split."""
