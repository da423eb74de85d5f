"""The loop of Keras: `model.fit`, with a callback that calls the controller."""

from typing import Any

import keras

from components.trainer.loops.task import STEPS_A_CALL, Task


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
        callbacks=[_CallController(task)],
        shuffle=False,  # the data set is shuffled already
        verbose=0,
    )


def _steps_a_call(steps: int) -> int:
    """Returns the largest divisor of `steps` up to STEPS_A_CALL, because Keras cannot stop an epoch within a call."""
    return max(count for count in range(1, min(steps, STEPS_A_CALL) + 1) if steps % count == 0)


class _CallController(keras.callbacks.Callback):
    """Calls the controller when an epoch begins and ends."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.task.begin_epoch(epoch + 1)

    def on_test_begin(self, logs: Any = None) -> None:
        self.task.begin_validation()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        names = [metric.name for metric in self.task.metrics]
        train = {name: logs[name] for name in names}
        validation = {name: logs[f"val_{name}"] for name in names}
        self.model.stop_training = self.task.controller.end_epoch(epoch + 1, train, validation)
