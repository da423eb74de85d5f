"""Finds texts that are nearly equal, by their MinHash signatures, in all splits.

Texts are compared if they agree in a band of their signatures: locality-sensitive hashing, see Leskovec, Rajaraman and
Ullman, "Mining of Massive Datasets", chapter 3. All results are in an order that does not depend on the shards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.statistics_gen.counts import Sketches
from components.statistics_gen.first_pairs import FirstPairs, Pairs, Similarity
from components.statistics_gen.minhash import BANDS, SHINGLE, Signatures
from components.statistics_gen.near_texts import Place, Texts
from components.text.text_key import key_form
from schemas.contracts.statistics import NearPair
from schemas.records.examples import parse_features
from schemas.records.tfrecord import read_records

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
"""The number of pairs whose signatures are compared together: 25 MB."""

_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
"""The bit of each split, by its number, in a set of splits."""

Numbers = npt.NDArray[np.int64]
"""Numbers of texts: int64 [n]."""


@dataclass(frozen=True)
class Near:
    """The texts that are nearly equal to others."""

    counts: Mapping[str, Mapping[str, int]]
    """By split: the number of its texts that are nearly equal to a text of each split."""
    ids: Mapping[str, frozenset[str]]
    """By split: the ids of its examples that are nearly equal to a text of an earlier split."""
    pairs: tuple[NearPair, ...]


def find_near(sketches: Mapping[str, Sequence[Sketches] | None]) -> Near | None:
    """Compares all texts and reads those to list. `sketches`: by split, in order. None if a split has no sketches."""
    if any(some is None for some in sketches.values()):
        return None
    splits, texts = list(sketches), Texts.of({split: some or () for split, some in sketches.items()})
    _, first, unique = np.unique(texts.keys, return_index=True, return_inverse=True)
    inside = np.zeros(len(first), np.uint8)
    np.bitwise_or.at(inside, unique, _BIT[texts.split])
    near, listed_first = np.zeros_like(inside), FirstPairs(texts.split[first], _VERIFIED)

    def news(one: Numbers, other: Numbers) -> npt.NDArray[np.bool_]:
        """Whether each pair, if it is similar, can change the counts or the list. In a large template, few can."""
        known = (inside[other] & ~near[one]) | (inside[one] & ~near[other]) == 0
        return ~known | listed_first.open_to(np.stack([one, other], axis=1))

    for pairs, similarity in _similar(texts.signatures_of(first), news):
        one, other = pairs.T
        near[one] |= inside[other]  # each of them has different texts
        near[other] |= inside[one]
        listed_first.add(pairs, similarity)
    near_texts = near[unique, None] & _BIT[: len(splits)] != 0  # [texts, splits]
    counts = {
        split: dict(zip(splits, near_texts[texts.split == number].sum(axis=0).tolist(), strict=True))
        for number, split in enumerate(splits)
    }
    earlier = {
        split: np.flatnonzero((texts.split == number) & near_texts[:, :number].any(axis=1)).tolist()
        for number, split in enumerate(splits)
    }
    shown = first[listed_first.pairs]
    read = _read(map(texts.place, shown.ravel().tolist()), map(texts.place, chain(*earlier.values())))
    ids = {split: frozenset(read[texts.place(text)][0] for text in some) for split, some in earlier.items()}
    listed = sorted(
        _listed(shown, texts, read), key=lambda pair: (len({*pair.splits}) == 1, -pair.similarity, pair.ids)
    )
    return Near(counts, ids, tuple(listed[:SHOWN]))


def _similar(
    signatures: Signatures, news: Callable[[Numbers, Numbers], npt.NDArray[np.bool_]]
) -> Iterator[tuple[Pairs, Similarity]]:
    """Yields the pairs of texts whose estimated similarity is at least SIMILAR, and the estimates, some at a time.

    It compares only the pairs for which `news` is true: thousands of texts of a template would have millions of others.

    No text is twice among the first ones of some pairs, nor among the second ones. A pair that agrees in several bands
    is yielded for each. All pairs together would take 4 KB of memory for each text of a template.
    """
    for band in range(BANDS):
        values = signatures.view(np.uint64)[:, band]
        order = np.argsort(values, kind="stable")
        for one, other in _neighbors(values[order], order):
            for start in range(0, len(one), _AT_ONCE):
                a, b = one[start : start + _AT_ONCE], other[start : start + _AT_ONCE]
                new = news(a, b)
                a, b = a[new], b[new]
                similarity = _estimate(signatures, a, b)
                similar = similarity >= SIMILAR
                yield np.stack([a[similar], b[similar]], axis=1), similarity[similar]


def _neighbors(values: npt.NDArray[np.uint64], order: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yields the pairs of texts with equal values, at distances 1..NEIGHBORS in `order`, the smaller number first."""
    for distance in range(1, NEIGHBORS + 1):
        equal = np.flatnonzero(values[distance:] == values[:-distance])
        if not len(equal):
            return
        yield order[equal], order[equal + distance]


def _estimate(signatures: Signatures, one: Numbers, other: Numbers) -> Similarity:
    return np.asarray((signatures[one] == signatures[other]).mean(axis=1))


def _read(shown: Iterable[Place], others: Iterable[Place]) -> dict[Place, tuple[str, bytes]]:
    """Returns the id and the text of each record; for `others`, which may be many, the id and no text."""
    with_text = set(shown)
    wanted: dict[str, set[int]] = {}
    for path, number in chain(with_text, others):
        wanted.setdefault(path, set()).add(number)
    found = {}
    for path, numbers in wanted.items():
        last = max(numbers)
        for number, record in enumerate(read_records(Path(path))):
            if number in numbers:
                features = parse_features(record, f"{path}: record {number}").feature
                ids = features["id"].bytes_list.value if "id" in features else ()
                id_ = ids[0].decode(errors="replace") if ids else ""
                text = features["text"].bytes_list.value[0] if (path, number) in with_text else b""
                found[path, number] = id_, text
            if number == last:
                break
    return found


def _listed(pairs: Pairs, texts: Texts, read: Mapping[Place, tuple[str, bytes]]) -> Iterator[NearPair]:
    """Yields the pairs that are similar by their own shingles."""
    for pair in pairs.tolist():
        found = sorted((int(texts.split[text]), *read[texts.place(text)]) for text in pair)
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
