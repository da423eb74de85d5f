"""Chooses the texts whose labels teach a model most: uncertain texts that differ, and a share at random.

Uncertainty is the margin between the two most probable labels (Scheffer, Decomain and Wrobel 2001). Of the most
uncertain texts, k-means finds groups of similar ones, and one text of each group is chosen (Zhdanov 2019,
arXiv:1901.05954). Equal texts count once, see `components/text/text_key.py`. The choice depends on the texts, their
predictions and the seed, not on the order of the texts. Imports NumPy; scikit-learn on use.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

MARGIN: Final = "margin"
RANDOM: Final = "random"
"""How a text was chosen."""

CANDIDATES = 5
"""Groups are made of this many uncertain texts for each one to choose. More make the chosen ones less uncertain."""

AT_ONCE = 500
"""The largest number of groups of one k-means, whose time grows with the square of that number."""

Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]
Embed = Callable[[Rows], Floats]
"""Rows int64 [k] → embeddings of their texts: float [k, d]."""


class Choice(NamedTuple):
    """A text to be labeled."""

    row: int
    how: Literal["margin", "random"]


def uncertainty(probabilities: Floats) -> Floats:
    """Returns 1 less the margin between the two most probable labels: [n, classes] → [n], 0..1."""
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]))


def choose(
    uncertain: Floats, keys: Sequence[bytes], embed: Embed, *, count: int, random_share: float, seed: int
) -> list[Choice]:
    """Chooses `count` texts, or all different ones if there are fewer. The ones at random come first.

    `uncertain` [n]: the uncertainty of each text; `keys` [n]: equal for equal texts; `random_share`: 0..1. Texts are
    chosen at random among all of them, so they measure a model honestly. `embed` is called for the candidates alone.
    """
    rows = _shuffled(keys, seed)
    at_random = rows[: round(min(count, len(rows)) * random_share)]
    rest = rows[len(at_random) :]
    by_margin = rest[np.argsort(-uncertain[rest], kind="stable")]
    wanted = count - len(at_random)
    chosen = _different(by_margin[: wanted * CANDIDATES], uncertain, embed, wanted, seed)
    return [*(Choice(int(row), RANDOM) for row in at_random), *(Choice(int(row), MARGIN) for row in chosen)]


def _shuffled(keys: Sequence[bytes], seed: int) -> Rows:
    """Returns the first row of each different text, in an order that only the texts and the seed decide."""
    first: dict[bytes, int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    order = sorted(first, key=lambda key: hashlib.sha256(b"%d %b" % (seed, key)).digest())
    return np.array([first[key] for key in order], np.int64)


def _different(rows: Rows, uncertain: Floats, embed: Embed, wanted: int, seed: int) -> Rows:
    """Returns `wanted` of `rows`, which fall in uncertainty: one of each group of similar texts, in the same order."""
    if len(rows) <= wanted:
        return rows
    parts = -(-wanted // AT_ONCE)
    chosen = np.zeros(len(rows), bool)
    for part in range(parts):
        places = np.arange(part, len(rows), parts)
        groups = wanted * (part + 1) // parts - wanted * part // parts
        chosen[places[_middles(_unit(embed(rows[places])), uncertain[rows[places]], groups, seed)]] = True
    # Equal embeddings make fewer groups: the most uncertain of the others fill the gap.
    chosen[np.flatnonzero(~chosen)[: wanted - int(chosen.sum())]] = True
    return rows[chosen]


def _middles(points: Floats, weights: Floats, groups: int, seed: int) -> Rows:
    """Returns the place of the point that is nearest to the middle of each group: int64 [at most `groups`]."""
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # With several threads, the order of the sums and so the groups could differ from run to run.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different points than groups
        found = KMeans(groups, n_init=1, max_iter=30, random_state=seed).fit(points, sample_weight=weights + 1e-6)
        distance = found.transform(points)
    return np.unique([_nearest(distance[:, group], found.labels_ == group) for group in np.unique(found.labels_)])


def _nearest(distance: Floats, inside: NDArray[np.bool_]) -> int:
    """Returns the place `inside` with the smallest distance, the first of equals."""
    return int(np.where(inside, distance, np.inf).argmin())


def _unit(points: Floats) -> NDArray[np.float64]:
    """Returns points of length 1: similar texts then have similar directions, whatever their lengths are."""
    found = np.asarray(points, np.float64)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
