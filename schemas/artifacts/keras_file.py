"""Digests the content of a `.keras` file, because saving a model twice gives different bytes. Light to import."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

_SHARED = "shared_object_id"

_REGISTERED = {"refit": "components.trainer.models.subclass"}
"""For each package of registered classes, the module name to digest, even if the file has moved.

Keras writes the module of each class. It finds a registered class by its registered name, so its module is not content.
"""


def digest_layers(path: Path) -> str:
    """Returns the SHA-256 (hex) of the configuration of a `.keras` file: its layers, without the weights."""
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(_layers(archive)).hexdigest()


def _layers(archive: zipfile.ZipFile) -> bytes:
    return json.dumps(_renumbered(json.loads(archive.read("config.json")), {}), sort_keys=True).encode()


def digest_keras(path: Path) -> str:
    """Returns the SHA-256 (hex) of the configuration, and of path, dtype, shape and bytes of every weight.

    Ignores `metadata.json`, which contains the date. Replaces the memory addresses that identify shared objects in the
    configuration by their order of appearance.
    """
    import h5py
    import numpy as np

    digest = hashlib.sha256()

    def add(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            value = np.asarray(item)
            digest.update(repr((name, value.dtype.str, value.shape)).encode() + value.tobytes())

    with zipfile.ZipFile(path) as archive:
        digest.update(_layers(archive))
        with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as weights:
            weights.visititems(add)  # visits in name order
    return digest.hexdigest()


def _renumbered(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, list):
        return [_renumbered(item, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    package = str(value.get("registered_name")).partition(">")[0]
    moved = {"module": _REGISTERED[package]} if "module" in value and package in _REGISTERED else {}
    return {
        key: numbers.setdefault(item, len(numbers)) if key == _SHARED else _renumbered(item, numbers)
        for key, item in {**value, **moved}.items()
    }
