"""The counts of a split: integers and a table of words, whose sum does not depend on the order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from components.text.words import Counted, add_up

SHOWN = 20
"""The number of most frequent duplicate texts that are stored: TFX's number of top values."""

SHOWN_BYTES = 200
"""The number of bytes that are stored of each duplicate text."""

Excerpt = tuple[bytes, bytes]
"""The beginning of a text, and the digest of the complete text. The digest separates texts with the same beginning."""


@dataclass
class SplitCounts:
    """The counts of one split."""

    examples: int = 0
    presence: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Examples by the name of a feature, the kind of its values, and its number of values, 1 or more."""
    labels: Counter[int] = field(default_factory=Counter)
    id_bytes: int = 0
    """The total length of all ids."""
    ids: list[bytes] = field(default_factory=list)
    """The digests of all ids; each element concatenates the digests of a batch."""
    text_bytes: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    """The number of texts by their number of words."""
    words: list[pa.Table] = field(default_factory=list)
    """Tables of words, which `tighten` adds up."""
    unique_texts: int = 0
    in_train: int = 0
    """The number of texts that also occur in train."""
    repeated: Counter[Excerpt] = field(default_factory=Counter)
    """The most frequent duplicate texts and how often each occurs."""

    def add_words(self, counted: Counted) -> None:
        """Adds the words and the lengths of some texts."""
        self.words.append(counted.words)
        self.lengths.update(counted.lengths.tolist())

    def merge(self, other: "SplitCounts") -> None:
        """Adds the counts of `other` to these."""
        for name in ("examples", "id_bytes", "text_bytes", "unique_texts", "in_train"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("presence", "labels", "lengths", "repeated"):
            getattr(self, name).update(getattr(other, name))
        self.ids += other.ids
        self.words += other.words

    def tighten(self) -> None:
        """Reduces memory: adds the tables of words up, and drops all but the most frequent duplicate texts."""
        self.words = [add_up(self.words)]
        ranked = sorted(self.repeated.items(), key=lambda item: (item[1], item[0]), reverse=True)  # as TFDV does
        self.repeated = Counter(dict(ranked[:SHOWN]))  # safe, because all copies of a text are in one shard


Counts = dict[str, SplitCounts]
"""The counts by split."""


def merge_counts(some: Iterable[Counts]) -> Counts:
    """Returns the sum of Counts; an empty one if there are none to add."""
    merged: Counts = {}
    for counts in some:
        for split, of_split in counts.items():
            merged.setdefault(split, SplitCounts()).merge(of_split)
    for of_split in merged.values():
        of_split.tighten()
    return merged
