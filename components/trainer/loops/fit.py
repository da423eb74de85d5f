"""Keras's own loop: `model.fit`, with a callback that reports to the controller."""

from typing import Any

import keras

from components.trainer.loops.task import STEPS_A_CALL, Task
from components.trainer.measures import restart


def train(task: Task) -> None:
    """Trains from the controller's next epoch to its last."""
    controller, data = task.controller, task.train
    if controller.next_epoch > controller.last_epoch:
        return
    task.compile(steps_per_execution=_steps_a_call(data.steps))
    task.model.fit(
        data.dataset(controller.next_epoch, controller.last_epoch),
        steps_per_epoch=data.steps,
        initial_epoch=controller.next_epoch - 1,
        epochs=controller.last_epoch,
        validation_data=task.validation.dataset(1, 1),
        callbacks=[_Report(task)],
        shuffle=False,  # the data set comes in its order
        verbose=0,
    )


def _steps_a_call(steps: int) -> int:
    """All of an epoch's steps if they are few; else the most that divide it, for Keras does not stop within a call."""
    return max(count for count in range(1, min(steps, STEPS_A_CALL) + 1) if steps % count == 0)


class _Report(keras.callbacks.Callback):
    """Tells the controller of each epoch."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        restart(self.task.metrics)
        self.task.controller.begin_epoch(epoch + 1)

    def on_test_begin(self, logs: Any = None) -> None:
        restart(self.task.metrics)  # the same metrics serve both

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        names = [metric.name for metric in self.task.metrics]
        train = {name: logs[name] for name in names}
        validation = {name: logs[f"val_{name}"] for name in names}
        self.model.stop_training = self.task.controller.end_epoch(epoch + 1, train, validation)
