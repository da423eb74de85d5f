"""Lists longer than memory: written to a file of scratch, read once, soon, by the same code, and then gone.

Pickled, so that values come back as they were, at little more than the cost of copying them. Never an artifact.
"""

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

AT_ONCE = 64
"""Values that are pickled, and so held in memory, together."""


def write_spill(path: Path, values: Iterable[Any]) -> None:
    """Writes values to a new file."""
    rest = iter(values)
    with path.open("wb") as file:
        while some := list(islice(rest, AT_ONCE)):
            pickle.dump(some, file, pickle.HIGHEST_PROTOCOL)


def read_spill(path: Path) -> Iterator[Any]:
    """Yields the values of a file in the order in which they were written."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            yield from pickle.load(file)
