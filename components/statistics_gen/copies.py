"""Finds texts that occur several times, in one split or in several, and their labels. Works on one shard at a time.

Texts are equal if they have the same key: then they are in the same shard.
"""

from collections import Counter
from collections.abc import Mapping
from heapq import nsmallest

from components.statistics_gen.counts import CONFLICTS_SHOWN, SHOWN_BYTES, Conflicting, SplitCounts
from components.text.text_key import EMPTY_KEY

KEY_BYTES = 16
"""The bytes that are stored of a text's key."""

NO_WORDS = EMPTY_KEY[:KEY_BYTES]

Where = tuple[str, int | None]
"""The split and the label of an example; None if it has no label."""


class Copies:
    """The texts of a shard. They are added split by split, in the order of SPLITS, and by id within a split."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self._places: dict[Where, Where] = {}
        """Each place once, so that texts share it."""
        self._first: dict[bytes, Where] = {}
        self._several: dict[bytes, Counter[Where]] = {}
        self._excerpts: dict[bytes, bytes] = {}

    def add(self, key: bytes, split: str, label: int | None, text: bytes) -> bool:
        """Adds a text. Returns whether an earlier split has it, too."""
        self.texts[split] += 1
        place = self._places.setdefault((split, label), (split, label))
        first = self._first.get(key)
        if first is None:
            self._first[key] = place
            return False
        if key not in self._several:
            self._several[key] = Counter({first: 1})
            self._excerpts[key] = text[:SHOWN_BYTES]
        self._several[key][place] += 1
        return first[0] != split

    def count(self, found: Mapping[str, SplitCounts]) -> None:
        """Writes the counts of duplicates, of texts that are also in train, and of conflicting labels into `found`."""
        for split, counts in found.items():
            counts.unique_texts = self.texts[split]
            counts.in_train = self.texts[split] if split == "train" else 0
        for key, places in self._several.items():
            self._count_text(key, places, found)
        for counts in found.values():
            counts.conflicts = nsmallest(CONFLICTS_SHOWN, counts.conflicts)

    def _count_text(self, key: bytes, places: Counter[Where], found: Mapping[str, SplitCounts]) -> None:
        times: Counter[str] = Counter()
        labels: set[int] = set()
        for split, counts in found.items():
            here = {label: number for (of, label), number in places.items() if of == split}
            labels |= {label for label in here if label is not None}
            times[split] = sum(here.values())
            if not times[split]:
                continue
            counts.unique_texts -= times[split] - 1
            if split != "train" and times["train"]:
                counts.in_train += times[split]
            if times[split] > 1:
                counts.repeated[self._excerpts[key], key] = times[split]
            if len(labels) > 1 and key != NO_WORDS:  # a label of such a text says nothing about a word
                counts.conflicting += times[split]
                counts.conflicts.append(
                    Conflicting(
                        -places.total(),
                        key,
                        self._excerpts[key],
                        tuple((of, label, number) for (of, label), number in places.items() if label is not None),
                    )
                )
