"""The counts of a split: integers and a table of words, whose sum does not depend on the order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import NamedTuple

import pyarrow as pa

from components.statistics_gen.sketches import MOST_COMPARED, Sketches
from components.text.words import Counted, add_up

SHOWN = 20
"""The number of most frequent duplicate texts that are stored: TFX's number of top values."""

SHOWN_BYTES = 200
"""The number of bytes that are stored of each duplicate text."""

CONFLICTS_SHOWN = 5
"""The number of texts with conflicting labels that are listed of each split."""

TABLES_HELD = 32
"""The number of tables of words that wait to be added up. A table of a batch takes about 0.3 MB."""

Excerpt = tuple[bytes, bytes]
"""The beginning of a text, and the key of the complete text. The key separates texts with the same beginning."""


class Conflicting(NamedTuple):
    """A text with several labels. Sorted, the texts with the most copies come first."""

    negative_copies: int
    key: bytes
    excerpt: bytes
    labels: tuple[tuple[str, int, int], ...]
    """Split, label, and number of examples."""


@dataclass
class SplitCounts:
    """The counts of one split."""

    examples: int = 0
    presence: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Examples by the name of a feature, the kind of its values, and its number of values, 1 or more."""
    labels: Counter[int] = field(default_factory=Counter)
    id_bytes: int = 0
    """The total length of all ids."""
    ids: list[str] = field(default_factory=list)
    """The temporary files with the digests of all ids."""
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
    earlier: list[bytes] = field(default_factory=list)
    """The ids of examples whose text also occurs in an earlier split: in train or, for test, in validation."""
    conflicting: int = 0
    """The number of texts that have another label in another example, of this split or an earlier one."""
    conflicts: list[Conflicting] = field(default_factory=list)
    """The first CONFLICTS_SHOWN of them."""
    sketches: list[Sketches] | None = field(default_factory=list)
    """None if there are more than MOST_COMPARED texts."""

    def add_words(self, counted: Counted) -> None:
        """Adds the words and the lengths of some texts."""
        self.words.append(counted.words)
        if len(self.words) == TABLES_HELD:
            self.words = [add_up(self.words)]
        self.lengths.update(counted.lengths.tolist())

    def merge(self, other: "SplitCounts") -> None:
        """Adds the counts of `other` to these."""
        for name in ("examples", "id_bytes", "text_bytes", "unique_texts", "in_train", "conflicting"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("presence", "labels", "lengths", "repeated"):
            getattr(self, name).update(getattr(other, name))
        for name in ("ids", "words", "earlier", "conflicts"):
            getattr(self, name).extend(getattr(other, name))
        self.add_sketches(other.sketches)

    def add_sketches(self, sketches: list[Sketches] | None) -> None:
        """Adds sketches, or drops all of them if they are too many, in whatever order they are added."""
        every = None if self.sketches is None or sketches is None else self.sketches + sketches
        fits = every is not None and sum(of.texts for of in every) <= MOST_COMPARED
        self.sketches = every if fits else None

    def tighten(self) -> None:
        """Reduces memory: adds the tables of words up, and drops all but the first of the texts that are listed."""
        self.conflicts = nsmallest(CONFLICTS_SHOWN, self.conflicts)
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
