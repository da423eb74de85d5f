"""By what a test split is cut into slices that are measured apart. Light: flags are made from it."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.errors import ConfigError, near_match

FEATURE = "feature:"
"""`feature:<name>` slices by a feature of the Examples' own."""

EDGES = (1, 50, 100, 200, 500, 1000)
"""The words from which on a text is in the next bucket of `length`."""

BUCKETS = ("0", *(f"{low}–{high - 1}" for low, high in pairwise(EDGES)), f"{EDGES[-1]} or more")


@dataclass(frozen=True)
class Sliceable:
    """What is known of an example before anything is predicted."""

    text: str
    label: str
    """Its label's name."""
    span: str
    """The span of the data that it is of; empty if they have none."""


def length_bucket(text: str) -> str:
    """The bucket of a text by its words, parted by white space."""
    return BUCKETS[bisect(EDGES, len(text.split()))]


SLICES: dict[str, Callable[[Sliceable], str]] = {
    "label": lambda example: example.label,
    "length": lambda example: length_bucket(example.text),
    "span": lambda example: example.span,
}
"""How an example's slice is called, by what is sliced by."""


def parse_slices(text: str) -> tuple[str, ...]:
    """Reads names apart by commas; none if `text` is empty.

    Raises ConfigError unless each is of SLICES, or FEATURE and a name, and none is there twice.
    """
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in names:
        if name not in SLICES and not (name.startswith(FEATURE) and len(name) > len(FEATURE)):
            hint = near_match(name, [*SLICES, f"{FEATURE}<name>"])
            raise ConfigError(f"there is no slice '{name}'{hint} (a feature of your own: {FEATURE}{name})")
    if len(set(names)) < len(names):
        raise ConfigError(f"slices must be different ones, got {', '.join(names)}")
    return names


def known_values(name: str, label_names: Sequence[str]) -> tuple[str, ...]:
    """The slices that are listed in this order even if they are empty; of others the largest come first."""
    return {"label": tuple(label_names), "length": BUCKETS}.get(name, ())
