"""64 bits of a hash for each text or id of a file, kept in files: enough to tell what two splits have in common."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def key_of(value: str) -> int:
    """The key of a text, 0..2**64 - 1. Two different texts of ten million share one once in 400,000 collections."""
    return int.from_bytes(hashlib.sha256(value.encode()).digest()[-8:], "little")


def write_keys(values: Iterable[int], path: Path) -> None:
    """Writes keys in the order given, eight bytes each."""
    np.fromiter(values, np.uint64).tofile(path)


def read_keys(paths: Iterable[Path]) -> Keys:
    """The keys of several files: uint64 [n], in order of size."""
    read = [np.fromfile(path, np.uint64) for path in paths]
    return np.sort(np.concatenate(read)) if read else np.empty(0, np.uint64)


def repeated(keys: Keys) -> Keys:
    """Those that are there more than once, each once."""
    return np.unique(keys[1:][keys[1:] == keys[:-1]])
