"""The JSON of ExampleStatistics: `text.json`, written by StatisticsGen."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import UNSET, UnsetType

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


class Conflict(Contract, frozen=True, kw_only=True):
    """A text whose examples have different labels."""

    text: str
    """The beginning of the text."""
    labels: Mapping[str, Mapping[str, Count]]
    """Its examples by split and label name."""


class NearPair(Contract, frozen=True, kw_only=True):
    """Two texts that are nearly equal. Each list has an entry for each of the two."""

    similarity: Share
    """Jaccard similarity of the sets of three consecutive words, 0..1."""
    splits: tuple[str, str]
    """The split of each text."""
    ids: tuple[str, str]
    """The id of each text."""
    texts: tuple[str, str]
    """The beginning of each text."""


class RepeatedIds(Contract, frozen=True, kw_only=True):
    """`Split-<split>/repeated.json`: examples of a split whose text is also in an earlier split.

    Earlier than validation is train; earlier than test are train and validation.
    """

    FILE: ClassVar[str] = "repeated.json"

    equal: tuple[str, ...]
    """Ids of examples whose text is equal to a text of an earlier split, sorted."""
    near: tuple[str, ...]
    """Ids of the other examples whose text is nearly equal to a text of an earlier split, sorted."""


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
    """Texts that repeat another text of the split, also if case, punctuation or white space differ."""
    in_train: Rate
    """Texts that are in train too. In train itself: all."""
    near_duplicates: Rate | None
    """Texts that are nearly equal to another text of the split. None if the split is too large to compare all texts."""
    near_in_train: Rate | None
    """Texts that are nearly equal to a text of train. In train itself as `near_duplicates`."""
    conflicting_labels: Rate
    """Texts that have another label in another example, of this split or an earlier one."""
    conflicts: tuple[Conflict, ...]
    """The texts of `conflicting_labels` with the most examples: the first few only."""
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
    tokenizer: str | UnsetType = UNSET
    """How texts became words: `unicode` or `chars`. Absent: `keras`."""
    splits: Mapping[str, SplitText]
    """By split."""
    near_pairs: tuple[NearPair, ...]
    """Some pairs of texts that are nearly equal, pairs of different splits first."""
