"""Saves the state of training after each epoch. An interrupted run resumes from there.

An interruption costs at most one epoch. The resumed training ends with exactly the same weights.
"""

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from components.trainer.controller import Progress
from pipeline.core.errors import DataError

FILE = "epoch.npz"
"""Arrays: `meta`, JSON of settings and history; `state_<i>`, the variables; `best_<i>`, the best epoch's weights."""


class EpochCheckpoint:
    """Saves and restores the variables of a model and its optimizer, and the Progress."""

    def __init__(self, directory: Path, variables: Sequence[Any], settings: str) -> None:
        """`variables`: everything that training changes, in an order that depends only on `settings`."""
        self.path, self.variables, self.settings = directory / FILE, variables, settings

    def save(self, progress: Progress) -> None:
        """Replaces the file atomically. If the process dies here, the checkpoint of the last epoch remains."""
        reached = {name: getattr(progress, name) for name in ("history", "seconds", "best_epoch")}
        meta = {"settings": self.settings, **reached}
        arrays = {f"state_{i}": variable.numpy() for i, variable in enumerate(self.variables)}
        arrays |= {f"best_{i}": weight for i, weight in enumerate(progress.best_weights)}
        partial = self.path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(file, meta=np.array(json.dumps(meta)), **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    def restore(self) -> Progress:
        """Restores the variables and returns the saved Progress, or a new Progress if no checkpoint exists.

        Raises DataError if the checkpoint is damaged or was made with other settings. No variable is changed then.
        """
        if not self.path.exists():
            return Progress()
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            meta = json.loads(str(arrays["meta"]))
            states = [arrays[f"state_{i}"] for i in range(len(self.variables))]
            best = [arrays[f"best_{i}"] for i in range(sum(name.startswith("best_") for name in arrays))]
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise DataError(
                f"the checkpoint {self.path} is damaged ({error}); delete it to restart from epoch 1"
            ) from error
        shapes = [tuple(variable.shape) for variable in self.variables]
        if meta["settings"] != self.settings or [state.shape for state in states] != shapes:
            raise DataError(
                f"the checkpoint {self.path} was made with other settings; delete it to restart from epoch 1"
            )
        for variable, state in zip(self.variables, states, strict=True):
            variable.assign(state)
        return Progress(meta["history"], meta["seconds"], meta["best_epoch"], best)
