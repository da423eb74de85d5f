"""The argument of every loop."""

from dataclasses import dataclass

import keras

from components.trainer.controller import Controller
from components.trainer.data import Data
from components.trainer.metrics import EpochLoss, EpochMetric, start_epoch

STEPS_A_CALL = 2_000
"""Highest number of steps in one call into TensorFlow: about ten seconds, because Ctrl-C has to wait for the call."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A model, all that is needed to train it, and the controller. `optimizer` is already built."""

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    loss: EpochLoss
    metrics: list[EpochMetric]
    train: Data
    validation: Data
    controller: Controller

    def begin_epoch(self, epoch: int) -> None:
        """Prepares the training of an epoch."""
        start_epoch(self.metrics)
        self.loss.set_training(True)
        self.controller.begin_epoch(epoch)

    def begin_validation(self) -> None:
        """Prepares the validation at the end of an epoch. The controller ends both."""
        start_epoch(self.metrics)
        self.loss.set_training(False)
        self.controller.begin_validation()

    def compile(self, steps_per_execution: int = 1) -> None:
        """Compiles the model for the loops of Keras. XLA is off, because it is several times slower on the CPU."""
        self.model.compile(
            optimizer=self.optimizer,
            loss=self.loss,
            metrics=self.metrics,
            jit_compile=False,
            steps_per_execution=steps_per_execution,
        )
