"""What happens around an epoch, the same for every loop: learning rate, record, best weights, stopping, checkpoint."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from components.trainer.measures import LOSS
from components.trainer.settings import TrainerSettings
from components.trainer.show import Epoch, Show


@dataclass
class Progress:
    """How far training has come: what it takes to go on, or to be done."""

    history: list[Epoch] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Clock time of each epoch of the history."""
    best_epoch: int = 0
    best_weights: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history)

    @property
    def best_loss(self) -> float:
        """The lowest validation loss so far."""
        return self.history[self.best_epoch - 1]["val_loss"] if self.best_epoch else math.inf


class Checkpoint(Protocol):
    """Where training is kept from one epoch to the next."""

    def save(self, progress: Progress) -> None:
        """Keeps all that is needed to go on after the last epoch of `progress`."""


class Controller:
    """Told by a loop when an epoch begins and ends; tells it when to stop."""

    def __init__(
        self,
        spec: TrainerSettings,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        progress: Progress,
        checkpoint: Checkpoint,
        show: Show,
    ) -> None:
        self.spec, self.model, self.optimizer = spec, model, optimizer
        self.progress, self.checkpoint, self.show = progress, checkpoint, show
        self._begun = 0.0

    @property
    def next_epoch(self) -> int:
        """The first epoch that is still to be trained, from 1; one beyond `last_epoch` if there is none."""
        return self.spec.epochs + 1 if self.stopped else self.progress.epochs + 1

    @property
    def last_epoch(self) -> int:
        """The last epoch that can come."""
        return self.spec.epochs

    @property
    def stopped(self) -> bool:
        """Whether patience has run out."""
        waited = self.progress.epochs - self.progress.best_epoch
        return 0 < self.spec.patience <= waited

    def begin_epoch(self, epoch: int) -> None:
        """Sets the learning rate of an epoch."""
        self._begun = time.monotonic()
        self.optimizer.learning_rate = self.spec.learning_rate_of(epoch)

    def end_epoch(self, epoch: int, train: Mapping[str, float], validation: Mapping[str, float]) -> bool:
        """Records an epoch. Returns whether to stop."""
        learning_rate = self.spec.learning_rate_of(epoch)
        record = {"epoch": epoch, "learning_rate": learning_rate, **_named(train), **_named(validation, "val_")}
        progress = self.progress
        if self.spec.patience == 0 or record["val_loss"] < progress.best_loss:
            progress.best_epoch, progress.best_weights = epoch, self.model.get_weights()
        progress.history.append(record)
        progress.seconds.append(time.monotonic() - self._begun)
        self.checkpoint.save(progress)
        self.show.epoch(record, self.spec.epochs, progress.seconds[-1])
        return self.stopped


def _named(measured: Mapping[str, float], prefix: str = "") -> dict[str, float]:
    """Metrics under the names of the history: the cross-entropy is the loss."""
    return {prefix + ("loss" if name == LOSS else name): float(value) for name, value in measured.items()}
