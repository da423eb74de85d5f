"""Stores a 64-bit key of each text or id in files, to find texts that two splits share and ids that repeat."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.text.text_key import text_key

Keys = NDArray[np.uint64]


def key_of_id(id_: str) -> int:
    """Returns the key of an id, 0..2**64 - 1.

    Among ten million different ids, two share a key with a probability of 1 in 400,000.
    """
    return _number(hashlib.sha256(id_.encode()).digest())


def key_of_text(text: str) -> int:
    """Returns the key of a text, 0..2**64 - 1. Texts that the model cannot tell apart share it: see `text_key`."""
    return _number(text_key(text.encode()))


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[-8:], "little")


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
