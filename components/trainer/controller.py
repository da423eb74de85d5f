"""What happens before and after an epoch, the same for every loop.

It sets the learning rate, records metrics, stores the best weights, saves a checkpoint and decides when to stop.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from components.trainer.metrics import LOSS
from components.trainer.reporting import Epoch, Reporter
from components.trainer.settings import TrainerSettings
from components.trainer.weight_average import WeightAverage


@dataclass
class Progress:
    """The state of a training: its history and the best weights so far."""

    history: list[Epoch] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Duration of each epoch in the history, in seconds."""
    best_epoch: int = 0
    best_weights: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """The number of completed epochs."""
        return len(self.history)

    @property
    def best_loss(self) -> float:
        """The lowest validation loss so far."""
        return self.history[self.best_epoch - 1]["val_loss"] if self.best_epoch else math.inf

    def last_improvement(self, min_delta: float) -> int:
        """The last epoch whose validation loss was more than `min_delta` below that of the improvement before it.

        0 before the first epoch. This is when Keras's EarlyStopping starts to count epochs again.
        """
        improved, lowest = 0, math.inf
        for epoch, record in enumerate(self.history, start=1):
            if record["val_loss"] < lowest - min_delta:
                improved, lowest = epoch, record["val_loss"]
        return improved


class Checkpoint(Protocol):
    """Where the state of training is saved between epochs."""

    def save(self, progress: Progress) -> None:
        """Saves everything that is needed to resume after the last epoch of `progress`."""


class Controller:
    """Called by every loop when an epoch begins and ends. Returns whether the loop should stop."""

    def __init__(
        self,
        spec: TrainerSettings,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        progress: Progress,
        checkpoint: Checkpoint,
        reporter: Reporter,
    ) -> None:
        self.spec, self.model, self.optimizer = spec, model, optimizer
        self.progress, self.checkpoint, self.reporter = progress, checkpoint, reporter
        self.average = WeightAverage(optimizer)
        self._started = 0.0

    @property
    def next_epoch(self) -> int:
        """The number, from 1, of the next epoch to train; `last_epoch` + 1 if training has ended."""
        return self.spec.epochs + 1 if self.stopped else self.progress.epochs + 1

    @property
    def last_epoch(self) -> int:
        """The highest possible epoch number."""
        return self.spec.epochs

    @property
    def stopped(self) -> bool:
        """Whether the validation loss has not improved by `min_delta` for `patience` epochs."""
        epochs_without_improvement = self.progress.epochs - self.progress.last_improvement(self.spec.min_delta)
        return 0 < self.spec.patience <= epochs_without_improvement

    def begin_epoch(self, epoch: int) -> None:
        """Sets the learning rate for an epoch."""
        self._started = time.monotonic()
        self.optimizer.learning_rate = self.spec.learning_rate_of(epoch)

    def begin_validation(self) -> None:
        """Puts the average of the weights into the model, if they are averaged."""
        self.average.exchange()

    def end_epoch(self, epoch: int, train: Mapping[str, float], validation: Mapping[str, float]) -> bool:
        """Records the metrics of an epoch and saves a checkpoint. Returns whether to stop."""
        learning_rate = self.spec.learning_rate_of(epoch)
        record = {"epoch": epoch, "learning_rate": learning_rate, **_renamed(train), **_renamed(validation, "val_")}
        progress = self.progress
        if self.spec.patience == 0 or record["val_loss"] < progress.best_loss:
            progress.best_epoch, progress.best_weights = epoch, self.model.get_weights()
        self.average.exchange()  # back: training continues from the weights themselves
        progress.history.append(record)
        progress.seconds.append(time.monotonic() - self._started)
        self.checkpoint.save(progress)
        self.reporter.epoch(record, self.spec.epochs, progress.seconds[-1])
        return self.stopped


def _renamed(metrics: Mapping[str, float], prefix: str = "") -> dict[str, float]:
    """Returns metrics by their names in the history, where the cross-entropy is called `loss`."""
    return {prefix + ("loss" if name == LOSS else name): float(value) for name, value in metrics.items()}
