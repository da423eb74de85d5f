"""Temporary files for lists that may not fit in memory. The same run writes, reads and deletes them.

Uses pickle, because it restores all types of values and is nearly as fast as a copy. Never used for artifacts.
"""

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

AT_ONCE = 64
"""The number of values that are pickled together and so are in memory at the same time."""


def write_spill(path: Path, values: Iterable[Any]) -> None:
    """Writes values to a new file."""
    rest = iter(values)
    with path.open("wb") as file:
        while batch := list(islice(rest, AT_ONCE)):
            pickle.dump(batch, file, pickle.HIGHEST_PROTOCOL)


def read_spill(path: Path) -> Iterator[Any]:
    """Yields the values of a file in the order of writing."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            yield from pickle.load(file)
