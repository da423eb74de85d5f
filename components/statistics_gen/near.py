"""Finds texts that are nearly equal, by their MinHash signatures, in all splits.

Texts are compared if they agree in a band of their signatures: locality-sensitive hashing, see Leskovec, Rajaraman and
Ullman, "Mining of Massive Datasets", chapter 3. All results are in an order that does not depend on the shards. The
signatures stay in files: memory has some bands, and about 60 bytes a text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from components.statistics_gen.first_pairs import FirstPairs, Pairs, Similarity
from components.statistics_gen.minhash import BANDS, PERMUTATIONS, SHINGLE
from components.statistics_gen.near_texts import Bands, Numbers, Record, Texts
from components.statistics_gen.sketches import Column, Sketches
from components.text.text_key import key_form
from schemas.contracts.statistics import NearPair

SIMILAR = 0.8
"""The Jaccard similarity from which two texts are nearly equal."""

NEIGHBORS = 32
"""Texts that agree in a band are sorted by key, and each is compared with this many after it. So a template that
thousands of texts follow takes linear time, and each of them still finds others."""

SHOWN, SHOWN_CHARACTERS = 10, 200
"""The number of pairs that are listed, and the length of their texts."""

_VERIFIED = 4 * SHOWN
"""The number of pairs whose texts are compared, to list the first SHOWN that are similar."""

_AT_ONCE = 100_000
"""The number of pairs whose signatures are compared together: a few MB."""

_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
"""The bit of each split, by its number, in a set of splits."""

Flags = npt.NDArray[np.bool_]
"""bool [n]."""


@dataclass(frozen=True)
class Near:
    """The texts that are nearly equal to others."""

    counts: Mapping[str, Mapping[str, int]]
    """By split: the number of its texts that are nearly equal to a text of each split."""
    ids: Mapping[str, set[str]]
    """By split: the ids of its examples that are nearly equal to a text of an earlier split."""
    pairs: tuple[NearPair, ...]


class Columns(Protocol):
    """The bands of the signatures of some texts, by number."""

    def __getitem__(self, band: int, /) -> Column: ...


def find_near(sketches: Mapping[str, Sequence[Sketches] | None]) -> Near | None:
    """Compares all texts and reads those to list. `sketches`: by split, in order. None if a split has no sketches."""
    if any(some is None for some in sketches.values()):
        return None
    texts = Texts({split: some or () for split, some in sketches.items()})
    first, unique = texts.unique()
    near, pairs = _compare(texts, first, unique)
    bits = near[unique]
    numbers = dict(enumerate(texts.splits))
    counts = {
        split: {other: int(np.count_nonzero(bits[texts.split == number] & _BIT[at])) for at, other in numbers.items()}
        for number, split in numbers.items()
    }
    earlier = bits & (_BIT[texts.split] - np.uint8(1)) != 0
    ids, listed = _read(texts, earlier, first[pairs])
    order = sorted(listed, key=lambda pair: (len({*pair.splits}) == 1, -pair.similarity, pair.ids))
    return Near(counts, ids, tuple(order[:SHOWN]))


def _compare(texts: Texts, first: Numbers, unique: Numbers) -> tuple[npt.NDArray[np.uint8], Pairs]:
    """Returns the set of splits with a text that is nearly equal to each unique text, and the pairs to list."""
    inside = np.zeros(len(first), np.uint8)
    np.bitwise_or.at(inside, unique, _BIT[texts.split])
    near, listed = np.zeros_like(inside), FirstPairs(texts.split[first], _VERIFIED)

    def news(one: Numbers, other: Numbers) -> Flags:
        """Whether each pair, if it is similar, can change the counts or the list. In a large template, few can."""
        known = (inside[other] & ~near[one]) | (inside[one] & ~near[other]) == 0
        return ~known | listed.open_to(np.stack([one, other], axis=1))

    for pairs, similarity in _similar(Bands(texts, first), news):
        one, other = pairs.T
        np.bitwise_or.at(near, one, inside[other])
        np.bitwise_or.at(near, other, inside[one])
        listed.add(pairs, similarity)
    return near, listed.pairs


def _similar(bands: Columns, news: Callable[[Numbers, Numbers], Flags]) -> Iterator[tuple[Pairs, Similarity]]:
    """Yields the pairs of texts whose estimated similarity is at least SIMILAR, and the estimates, some at a time.

    It compares only the pairs for which `news` is true: thousands of texts of a template would have millions of others.

    A pair that agrees in several bands is yielded for each. All pairs together would take 4 KB of memory for each text
    of a template.
    """
    for band in range(BANDS):
        values = bands[band]
        order = np.argsort(values, kind="stable")
        for one, other in _joined(_neighbors(values[order], order), news):
            similarity = _estimate(bands, one, other)
            similar = similarity >= SIMILAR
            yield np.stack([one[similar], other[similar]], axis=1), similarity[similar]


def _joined(
    pairs: Iterator[tuple[Numbers, Numbers]], news: Callable[[Numbers, Numbers], Flags]
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yields the pairs for which `news` is true, about _AT_ONCE together, because each comparison reads all bands."""
    waiting: list[Pairs] = []
    for one, other in pairs:
        new = news(one, other)
        waiting.append(np.stack([one[new], other[new]]))
        if sum(some.shape[1] for some in waiting) >= _AT_ONCE:
            yield tuple(np.concatenate(waiting, axis=1))
            waiting = []
    if any(some.size for some in waiting):
        yield tuple(np.concatenate(waiting, axis=1))


def _neighbors(values: Column, order: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yields pairs of texts with equal values, at distances 1..NEIGHBORS in `order`, the smaller number first."""
    for distance in range(1, NEIGHBORS + 1):
        found = False
        for start in range(0, len(values) - distance, _AT_ONCE):
            later = values[start + distance : start + distance + _AT_ONCE]
            equal = start + np.flatnonzero(values[start : start + len(later)] == later)
            if len(equal):
                found = True
                yield order[equal], order[equal + distance]
        if not found:
            return


def _estimate(bands: Columns, one: Numbers, other: Numbers) -> Similarity:
    """Returns the share of the parts of two signatures that are equal, for each pair."""
    equal = np.zeros(len(one), np.uint8)
    for band in range(BANDS):
        values = bands[band]
        for differs in (values[one] ^ values[other]).view(np.uint16).reshape(-1, PERMUTATIONS // BANDS).T:
            equal += differs == 0
    return equal / PERMUTATIONS


def _read(texts: Texts, earlier: Flags, pairs: Pairs) -> tuple[dict[str, set[str]], list[NearPair]]:
    """Returns by split the ids of the texts for which `earlier` is true, and those of `pairs` that are similar."""
    wanted = earlier.copy()
    wanted[pairs.ravel()] = True
    shown, found = set(pairs.ravel().tolist()), dict[int, Record]()
    ids: dict[str, set[str]] = {split: set() for split in texts.splits}
    for record in texts.read(np.flatnonzero(wanted)):
        if earlier[record.number]:
            ids[texts.splits[texts.split[record.number]]].add(record.id)
        if record.number in shown:
            found[record.number] = record
    return ids, list(_listed(pairs, texts, found))


def _listed(pairs: Pairs, texts: Texts, read: Mapping[int, Record]) -> Iterator[NearPair]:
    """Yields the pairs that are similar by their own shingles."""
    for pair in pairs.tolist():
        found = sorted((int(texts.split[text]), read[text].id, read[text].text) for text in pair)
        (_, one_id, one), (_, other_id, other) = found
        similarity = jaccard(one, other)
        if similarity >= SIMILAR:
            yield NearPair(
                similarity=similarity,
                splits=(texts.splits[found[0][0]], texts.splits[found[1][0]]),
                ids=(one_id, other_id),
                texts=(one.decode()[:SHOWN_CHARACTERS], other.decode()[:SHOWN_CHARACTERS]),
            )


def jaccard(one: bytes, other: bytes) -> float:
    """Returns the Jaccard similarity of two texts' shingles of key words; 0 if neither has any."""
    sets = []
    for words in (key_form(one).split(), key_form(other).split()):
        sets.append({tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)})
    return len(sets[0] & sets[1]) / max(len(sets[0] | sets[1]), 1)
