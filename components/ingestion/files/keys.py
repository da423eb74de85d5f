"""Stores a 64-bit hash of each text or id in files, to find texts that two splits share and ids that repeat."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def key_of(value: str) -> int:
    """Returns the key of a text, 0..2**64 - 1.

    Among ten million different texts, two share a key with a probability of 1 in 400,000.
    """
    return int.from_bytes(hashlib.sha256(value.encode()).digest()[-8:], "little")


def write_keys(values: Iterable[int], path: Path) -> None:
    """Writes keys in the given order, eight bytes each."""
    np.fromiter(values, np.uint64).tofile(path)


def read_keys(paths: Iterable[Path]) -> Keys:
    """Returns the keys of several files: uint64 [n], sorted."""
    read = [np.fromfile(path, np.uint64) for path in paths]
    return np.sort(np.concatenate(read)) if read else np.empty(0, np.uint64)


def repeated(keys: Keys) -> Keys:
    """Returns the keys that occur more than once. `keys` must be sorted."""
    return np.unique(keys[1:][keys[1:] == keys[:-1]])
