"""A drift check of words, or of labels: decides whether one is in more or in fewer texts than before. Imports SciPy."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from components.example_validator.drift import SHOWN, Check
from schemas.artifacts.statistics import Seen, Words

Weigh = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Shares of texts 0..1 → the weight of each word or label in the rate."""

FREQUENCY_TOLERANCE = 0.05
"""The share of all texts that a word or a label must gain or lose."""


def label_frequency_drift(base: Mapping[str, int], other: Mapping[str, int], rate: float) -> Check | None:
    """Computes the same as `word_frequency_drift` for labels. `base`, `other`: texts by label.

    A test of all labels at once needs a larger change of a single label the more labels there are. Of a frequent label,
    chance alone changes the number of texts more, so it gets a larger part of the rate.
    """
    ours, theirs = ({name.encode(): Seen(texts, texts) for name, texts in side.items()} for side in (base, other))
    sizes = sum(base.values()), sum(other.values())
    return word_frequency_drift(ours, theirs, sizes, rate, of="label", weigh=_variance)


def word_frequency_drift(
    base: Words, other: Words, texts: tuple[int, int], rate: float, of: str = "word", weigh: Weigh = np.ones_like
) -> Check | None:
    """Computes the smallest probability, over all words, of so large a change by chance; None without words.

    If the texts were assigned to the two samples at random, the number of texts with a word is hypergeometric: Fisher's
    exact test, two-sided. A word is tested if its texts, wherever they are, can change its share by more than the
    tolerance. That and `weigh` depend on both samples together, so Bonferroni's correction for the tested words holds,
    with a part of the rate for each, and all of them pass with a probability of at least 1 - `rate`. `texts`: the size
    of each sample; `of`: what is counted, in words.
    """
    n, m = texts
    if not n or not m:
        return None
    words = [*{**base, **other}]
    ours, theirs = (_documents(sample, words) for sample in (base, other))
    both = ours + theirs
    testable = np.maximum(np.minimum(both, n) / n, np.minimum(both, m) / m) > FREQUENCY_TOLERANCE
    if not testable.any():
        return None
    weights = np.where(testable, weigh(both / (n + m)), 0)
    weights /= weights.sum() or 1  # a label that all texts have cannot change
    change = theirs / m - ours / n
    [large] = np.nonzero(testable & (np.abs(change) > FREQUENCY_TOLERANCE))
    chances = _chances(ours[large], both[large], n, m) / weights[large]
    value = min(1.0, float(chances.min(initial=1.0)))
    order = large[np.lexsort((-np.abs(change[large]), chances))][:SHOWN]
    moved = [f"{words[at].decode(errors='replace')} {ours[at] / n:.1%} → {theirs[at] / m:.1%}" for at in order]
    detail = f"texts with a {of}: {', '.join(moved)}" if moved else f"no {of} is in many more or fewer texts"
    return Check(value, rate, value < rate, _formula(of), detail)


def _formula(of: str) -> str:
    part = "1 / tested words" if of == "word" else "proportional to f (1 - f) for the share f of all texts"
    return (
        f"smallest p of a {of} / its part of the rate < rate; part: {part}; p: Fisher's exact test of the texts with "
        f"the {of}, for {of}s whose share of texts changes by more than the tolerance"
    )


def _variance(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return shares * (1 - shares)


def _documents(sample: Words, words: list[bytes]) -> NDArray[np.int64]:
    return np.array([sample[word].documents if word in sample else 0 for word in words], np.int64)


def _chances(ours: NDArray[np.int64], both: NDArray[np.int64], n: int, m: int) -> NDArray[np.float64]:
    """Returns the two-sided probability of each number of texts in the first sample, given those in both."""
    found = stats.hypergeom(n + m, both, n)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(found.cdf(ours), found.sf(ours - 1))))
