"""Drift checks of words: decide whether two samples of documents have the same words. See `drift`. Imports SciPy."""

import math

from scipy import stats

from components.example_validator.drift import SHOWN, Check, Sample
from schemas.artifacts.statistics import Lengths, known_words, out_of_vocabulary

VOCABULARY_TOLERANCE = 0.01
"""The share of frequent words that may be missing in one of the samples."""

UNKNOWN_TOLERANCE = 0.005
"""The share of all words that may be out of vocabulary, in addition to the expected share."""


def vocabulary_drift(base: Sample, other: Sample, rate: float) -> Check | None:
    """Computes the share of frequent words that both samples have; None if no word is frequent.

    Assume that all texts are assigned to the two samples at random. A word in d texts is frequent if the probability
    that one sample gets none of the d texts is below rate / (2 words). By Bonferroni, both samples then have all
    frequent words with a probability of at least 1 - `rate`.
    """
    n, m = base.texts, other.texts
    if not n or not m:
        return None
    words = len({*base.words, *other.words})
    # If a word is in one sample only, all its texts are in that sample.
    enough = {id(a): _enough(a.texts, b.texts, rate / (2 * max(words, 1))) for a, b in ((base, other), (other, base))}
    frequent, lacking = set(), []
    for here, there in ((base, other), (other, base)):
        found = {word for word, seen in here.words.items() if seen.documents >= enough[id(here)]}
        frequent |= found
        lacking += [(here.words[word].documents / here.texts, word) for word in found if word not in there.words]
    if not frequent:
        return None
    value, threshold = 1 - len(lacking) / len(frequent), 1 - VOCABULARY_TOLERANCE
    named = [word.decode() for _, word in sorted(lacking, key=lambda item: (-item[0], item[1]))[:SHOWN]]
    detail = f"{len(lacking):,} of {len(frequent):,} frequent words are in one alone: {', '.join(named)}"
    formula = (
        "frequent words in both / frequent words < 1 - tolerance; frequent: C(n, d) / C(n + m, d) < rate / (2 words)"
    )
    return Check(value, threshold, value < threshold, formula, detail)


def _enough(here: int, there: int, chance: float) -> int:
    """Returns the smallest d such that d random texts of both samples are all in the first with less than `chance`.

    `here`, `there`: the sizes of the first and the second sample. Returns here + 1 if there is no such d.
    """
    log, documents = 0.0, 0
    while documents < here and log >= math.log(chance):
        log += math.log((here - documents) / (here + there - documents))
        documents += 1
    return documents if log < math.log(chance) else here + 1


def unknown_drift(base: Sample, other: Sample, rate: float, most: int) -> Check | None:
    """Computes the share of the other sample's words that are not in the base's vocabulary; None without words.

    The expected share is computed in the base: for each text, the words that are not in the vocabulary of all other
    texts. These are words that occur in one text only, and words beyond the `most` words of the vocabulary (0: all).
    The words of a text are not independent. But rates in 0..1 with mean r have a variance of at most r (1 - r), so the
    texts carry at least the information of `_effective` independent words. Fisher's exact test of that number of words
    is therefore a bound.
    """
    known = known_words(base.words, most)
    totals = [sum(seen.times for seen in sample.words.values()) for sample in (base, other)]
    if not all(totals):
        return None
    expected = out_of_vocabulary(base.words, known, own=True) / totals[0]
    value = out_of_vocabulary(other.words, known) / totals[1]
    n, m = _effective(base.lengths), _effective(other.lengths)
    threshold = max(expected + UNKNOWN_TOLERANCE, _most_by_chance(math.ceil(expected * n), n, m, rate) / m)
    new = sorted((-seen.times, word) for word, seen in other.words.items() if word not in known)[:SHOWN]
    detail = f"{expected:.2%} expected, {value:.2%} found: {', '.join(word.decode() for _, word in new)}"
    formula = "words out of vocabulary / words > max(expected + tolerance, Fisher's exact bound of (Σw)² / Σw² words)"
    return Check(value, threshold, value > threshold, formula, detail)


def _effective(lengths: Lengths) -> int:
    """Returns the equivalent number of independent words: (Σw)² / Σw², where w is the number of words of a text."""
    total = sum(length * number for length, number in lengths.items())
    return max(1, total**2 // sum(length**2 * number for length, number in lengths.items()))


def _most_by_chance(expected: int, n: int, m: int, rate: float) -> int:
    """Returns the largest x of m that is likely given `expected` of n: P(X >= x | expected + x of n + m) >= `rate`."""
    low, high = 0, m + 1  # low is not too many; high may be
    while high - low > 1:
        middle = (low + high) // 2
        chance = float(stats.hypergeom.sf(middle - 1, n + m, expected + middle, m))
        low, high = (middle, high) if chance >= rate else (low, middle)
    return low
