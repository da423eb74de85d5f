"""A loop over batches: `train_on_batch` to train, `test_on_batch` to validate."""

from components.trainer.loops.task import Task
from components.trainer.metrics import results


def train(task: Task) -> None:
    """Trains from the controller's next epoch to its last, one batch at a time."""
    task.compile()
    for epoch in range(task.controller.next_epoch, task.controller.last_epoch + 1):
        task.begin_epoch(epoch)
        for inputs, labels in task.train.batches(epoch):
            task.model.train_on_batch(inputs, labels)
        train_metrics = results(task.metrics)
        task.begin_validation()
        for inputs, labels in task.validation.batches(epoch):
            task.model.test_on_batch(inputs, labels)
        if task.controller.end_epoch(epoch, train_metrics, results(task.metrics)):
            break
