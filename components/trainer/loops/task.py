"""What a loop is given."""

from dataclasses import dataclass

import keras

from components.trainer.controller import Controller
from components.trainer.data import Data
from components.trainer.measures import WholeEpoch

STEPS_A_CALL = 2_000
"""Steps at most without Python in between: some ten seconds, for Ctrl-C is not heard sooner."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A model, what to train it with, and the controller to report to. `optimizer` is built."""

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    loss: keras.losses.Loss
    metrics: list[WholeEpoch]
    train: Data
    validation: Data
    controller: Controller

    def compile(self, steps_per_execution: int = 1) -> None:
        """Compiles the model for Keras's own loops. XLA is off: on the CPU it is several times slower."""
        self.model.compile(
            optimizer=self.optimizer,
            loss=self.loss,
            metrics=self.metrics,
            jit_compile=False,
            steps_per_execution=steps_per_execution,
        )
