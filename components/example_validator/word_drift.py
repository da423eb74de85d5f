"""Whether two samples of documents have the same words; see `drift` for what a check is. Imports SciPy."""

import math

from scipy import stats

from components.example_validator.drift import SHOWN, Check, Sample
from schemas.artifacts.statistics import Lengths, known_words, out_of_vocabulary

VOCABULARY_TOLERANCE = 0.01
"""Of frequent words, the part that one of the samples may lack."""

UNKNOWN_TOLERANCE = 0.005
"""Of all words, the part that may be out of vocabulary beyond what is expected."""


def vocabulary_drift(base: Sample, other: Sample, rate: float) -> Check | None:
    """The part of frequent words that both samples have; None if there are none.

    A word that d texts have is frequent if, were all texts dealt out at random, one of the two samples would get none
    of the d with a probability below rate / (2 words): by Bonferroni all such words are in both but for `rate`.
    """
    n, m = base.texts, other.texts
    if not n or not m:
        return None
    words = len({*base.words, *other.words})
    # Of a word that is in one sample alone, all texts are there.
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
    """The fewest documents d, all of `here` texts, that are none of `there` further texts with less than `chance`."""
    log, documents = 0.0, 0
    while documents < here and log >= math.log(chance):
        log += math.log((here - documents) / (here + there - documents))
        documents += 1
    return documents if log < math.log(chance) else here + 1


def unknown_drift(base: Sample, other: Sample, rate: float, most: int) -> Check | None:
    """The part of the other sample's words that the vocabulary of the base lacks; None without words.

    Expected is what each text of the base has beyond the vocabulary of all the others: words that one text alone has,
    and those beyond `most`, the words of the vocabulary (0: all). Words come in texts and are not independent. Rates
    in 0..1 with mean r vary by r (1 - r) at most, so that as many independent words as `_effective` tell no more than
    the texts do: Fisher's exact test of so many is a bound.
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
    """The number of independent words that tell as much as the texts: (Σw)² / Σw², w being a text's words."""
    total = sum(length * number for length, number in lengths.items())
    return max(1, total**2 // sum(length**2 * number for length, number in lengths.items()))


def _most_by_chance(expected: int, n: int, m: int, rate: float) -> int:
    """The largest x of m that is not too many beside `expected` of n: P(X >= x | expected + x of n + m) >= `rate`."""
    low, high = 0, m + 1  # low is not too many; high may be
    while high - low > 1:
        middle = (low + high) // 2
        chance = float(stats.hypergeom.sf(middle - 1, n + m, expected + middle, m))
        low, high = (middle, high) if chance >= rate else (low, middle)
    return low
