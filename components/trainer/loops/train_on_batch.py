"""A loop over batches: `train_on_batch`, and `test_on_batch` for the validation."""

from components.trainer.loops.task import Task
from components.trainer.measures import restart, results


def train(task: Task) -> None:
    """Trains from the controller's next epoch to its last, handing Keras one batch after the other."""
    task.compile()
    for epoch in range(task.controller.next_epoch, task.controller.last_epoch + 1):
        task.controller.begin_epoch(epoch)
        restart(task.metrics)
        for tokens, labels in task.train.batches(epoch):
            task.model.train_on_batch(tokens, labels)
        measured = results(task.metrics)
        restart(task.metrics)
        for tokens, labels in task.validation.batches(epoch):
            task.model.test_on_batch(tokens, labels)
        if task.controller.end_epoch(epoch, measured, results(task.metrics)):
            break
