"""Computes statistics of texts that TFX's format does not have: rates, quantiles, labels by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from components.statistics_gen.counts import Conflicting, SplitCounts
from schemas.artifacts.examples import SPLITS
from schemas.artifacts.statistics import QUANTILES, Lengths, Words, out_of_vocabulary
from schemas.contracts.statistics import Conflict, Length, Rate, SplitText


def split_text(
    split: str,
    counts: SplitCounts,
    words: Words,
    known: frozenset[bytes],
    max_len: int,
    names: Sequence[str],
    repeated_ids: Mapping[str, int],
    near: Mapping[str, int] | None,
) -> SplitText:
    """Returns the statistics of one split. `words`: the split's words; `known`: train's vocabulary; `names`: labels.

    `near`: the number of texts that are nearly equal to a text of each split; None if they are unknown.
    """
    texts, total = sum(counts.lengths.values()), sum(seen.times for seen in words.values())
    truncated = sum(number for length, number in counts.lengths.items() if length >= max_len)
    return SplitText(
        examples=counts.examples,
        words=total,
        unique_words=len(words),
        labels=_by_name(counts.labels, names),
        length=_length(counts.lengths),
        empty=rate(counts.lengths.get(0, 0), texts),
        truncated=rate(truncated, texts),
        duplicates=rate(texts - counts.unique_texts, texts),
        in_train=rate(counts.in_train, texts),
        near_duplicates=None if near is None else rate(near[split], texts),
        near_in_train=None if near is None else rate(near.get("train", 0), texts),
        conflicting_labels=rate(counts.conflicting, texts),
        conflicts=tuple(_conflict(conflict, names) for conflict in counts.conflicts),
        out_of_vocabulary=rate(out_of_vocabulary(words, known, own=split == "train"), total),
        repeated_ids=dict(repeated_ids),
    )


def rate(count: int, of: int) -> Rate:
    """Returns `count` with its share of `of`; the share is 0 if `of` is 0."""
    return Rate(count=count, rate=count / of if of else 0.0)


def quantiles(numbers: Mapping[int, int], at: Sequence[float]) -> list[int]:
    """Returns, for each share in `at`, the smallest number such that at least this share of all numbers is not larger.

    `numbers`: how often each number occurs; not empty. `at`: shares in 0..1.
    """
    ordered = sorted(numbers)
    sums = list(accumulate(numbers[number] for number in ordered))
    return [next(n for n, below in zip(ordered, sums, strict=True) if below >= part * sums[-1]) for part in at]


def _by_name(labels: Counter[int], names: Sequence[str]) -> dict[str, int]:
    known = {name: labels[number] for number, name in enumerate(names)}
    return known | {str(n): labels[n] for n in sorted(labels) if not 0 <= n < len(names)}


def _conflict(found: Conflicting, names: Sequence[str]) -> Conflict:
    labels: dict[str, dict[str, int]] = {}
    for split, label, number in sorted(found.labels, key=lambda of: (SPLITS.index(of[0]), of[1])):
        name = names[label] if 0 <= label < len(names) else str(label)
        labels.setdefault(split, {})[name] = number
    return Conflict(text=found.excerpt.decode(errors="ignore"), labels=labels)  # it may end inside a character


def _length(lengths: Lengths) -> Length:
    if not lengths:
        return Length(min=0, max=0, mean=0.0, quantiles={})
    mean = sum(length * number for length, number in lengths.items()) / sum(lengths.values())
    at = dict(zip(map(str, QUANTILES), quantiles(lengths, QUANTILES), strict=True))
    return Length(min=min(lengths), max=max(lengths), mean=mean, quantiles=at)
