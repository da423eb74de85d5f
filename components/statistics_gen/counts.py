"""What is counted of one split: whole numbers and a table of words, which add up to the same in whatever order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from components.text.words import Counted, add_up

SHOWN = 20
"""How many of the texts that are there more than once are kept: TFX's number of top values."""

SHOWN_BYTES = 200
"""What is kept of each, to show it."""

Excerpt = tuple[bytes, bytes]
"""The beginning of a text, and the digest of all of it, which keeps it apart from another that begins alike."""


@dataclass
class SplitCounts:
    """What was seen of one split."""

    examples: int = 0
    presence: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Examples by a feature's name, the kind of its values, and how many values it has: 1 or more."""
    labels: Counter[int] = field(default_factory=Counter)
    id_bytes: int = 0
    """The length of all ids together."""
    ids: list[bytes] = field(default_factory=list)
    """The digest of every id, many of them one after another."""
    text_bytes: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    """Texts by their number of words."""
    words: list[pa.Table] = field(default_factory=list)
    """To be added up."""
    unique_texts: int = 0
    in_train: int = 0
    """Texts that a text of train equals."""
    repeated: Counter[Excerpt] = field(default_factory=Counter)
    """The most frequent of the texts that are there more than once, and how often."""

    def add_words(self, counted: Counted) -> None:
        """Counts the words of texts."""
        self.words.append(counted.words)
        self.lengths.update(counted.lengths.tolist())

    def merge(self, other: "SplitCounts") -> None:
        """Adds what another has counted."""
        for name in ("examples", "id_bytes", "text_bytes", "unique_texts", "in_train"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("presence", "labels", "lengths", "repeated"):
            getattr(self, name).update(getattr(other, name))
        self.ids += other.ids
        self.words += other.words

    def tighten(self) -> None:
        """Gives up what is no longer needed: one table for all words, the most frequent texts alone."""
        self.words = [add_up(self.words)]
        ranked = sorted(self.repeated.items(), key=lambda item: (item[1], item[0]), reverse=True)  # as TFDV does
        self.repeated = Counter(dict(ranked[:SHOWN]))  # a text is in one shard alone, so none is cut too early


Counts = dict[str, SplitCounts]
"""By split."""


def merge_counts(some: Iterable[Counts]) -> Counts:
    """What all of them have counted, in whatever order they come; of none, nothing."""
    merged: Counts = {}
    for counts in some:
        for split, of_split in counts.items():
            merged.setdefault(split, SplitCounts()).merge(of_split)
    for of_split in merged.values():
        of_split.tighten()
    return merged
