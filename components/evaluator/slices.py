"""Slices of the test split, for which metrics are reported separately. Light to import."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.errors import ConfigError, near_match

FEATURE = "feature:"
"""`feature:<name>` slices by another feature of the Examples."""

EDGES = (1, 50, 100, 200, 500, 1000)
"""The smallest number of words in each bucket of `length`, after the first."""

BUCKETS = ("0", *(f"{low}–{high - 1}" for low, high in pairwise(EDGES)), f"{EDGES[-1]} or more")


@dataclass(frozen=True)
class Sliceable:
    """The parts of an example that it can be sliced by."""

    text: str
    label: str
    """The name of the label."""
    span: str
    """The span of the data; empty if the data have no spans."""


def length_bucket(text: str) -> str:
    """Returns the bucket of a text by its number of words, which white space separates."""
    return BUCKETS[bisect(EDGES, len(text.split()))]


SLICES: dict[str, Callable[[Sliceable], str]] = {
    "label": lambda example: example.label,
    "length": lambda example: length_bucket(example.text),
    "span": lambda example: example.span,
}
"""For each way to slice: a function that returns the name of an example's slice."""


def parse_slices(text: str) -> tuple[str, ...]:
    """Reads names that are separated by commas.

    Raises ConfigError if a name is neither in SLICES nor FEATURE with a name, or if a name is repeated.
    """
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in names:
        if name not in SLICES and not (name.startswith(FEATURE) and len(name) > len(FEATURE)):
            hint = near_match(name, [*SLICES, f"{FEATURE}<name>"])
            raise ConfigError(f"unknown slice '{name}'{hint} (to slice by a feature of your data: {FEATURE}{name})")
    if len(set(names)) < len(names):
        raise ConfigError(f"slices must be different, got {', '.join(names)}; remove the repeated one")
    return names


def known_values(name: str, label_names: Sequence[str]) -> tuple[str, ...]:
    """Returns the slices to list in this order, even if they are empty. Empty for slices that are listed by size."""
    return {"label": tuple(label_names), "length": BUCKETS}.get(name, ())
