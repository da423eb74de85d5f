"""Training kept on disk from one epoch to the next, so that a kill costs an epoch at most and changes no bit."""

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
"""`meta`: JSON of settings and history; `state_<i>`: the variables in order; `best_<i>`: the best epoch's weights."""


class EpochCheckpoint:
    """Saves and restores a model's variables, the optimizer's, and Progress."""

    def __init__(self, directory: Path, variables: Sequence[Any], settings: str) -> None:
        """`variables`: all that training changes, in an order that depends on `settings` alone."""
        self.path, self.variables, self.settings = directory / FILE, variables, settings

    def save(self, progress: Progress) -> None:
        """Replaces the file in one step: whoever dies in here leaves the last epoch's."""
        kept = {name: getattr(progress, name) for name in ("history", "seconds", "best_epoch")}
        meta = {"settings": self.settings, **kept}
        arrays = {f"state_{i}": variable.numpy() for i, variable in enumerate(self.variables)}
        arrays |= {f"best_{i}": weight for i, weight in enumerate(progress.best_weights)}
        partial = self.path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(file, meta=np.array(json.dumps(meta)), **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    def restore(self) -> Progress:
        """Sets the variables as they were, and returns how far training had come; a new Progress if nothing was kept.

        Raises DataError if what was kept is damaged or of another setting; no variable is changed then.
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
            raise DataError(f"{self.path} is damaged ({error}); delete it to train from the first epoch") from error
        shapes = [tuple(variable.shape) for variable in self.variables]
        if meta["settings"] != self.settings or [state.shape for state in states] != shapes:
            raise DataError(f"{self.path} was kept by another training; delete it to train from the first epoch")
        for variable, state in zip(self.variables, states, strict=True):
            variable.assign(state)
        return Progress(meta["history"], meta["seconds"], meta["best_epoch"], best)
