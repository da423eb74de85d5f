"""A loop of our own: `GradientTape` and `apply_gradients`, a whole epoch in one `tf.function`."""

import tensorflow as tf

from components.trainer.data import InMemory
from components.trainer.loops.task import Task
from components.trainer.measures import restart, results


def train(task: Task) -> None:
    """Trains from the controller's next epoch to its last, without Python between steps."""
    train_epoch, test_epoch = _train_epoch(task), _test_epoch(task)
    for epoch in range(task.controller.next_epoch, task.controller.last_epoch + 1):
        task.controller.begin_epoch(epoch)
        restart(task.metrics)
        train_epoch(tf.constant(task.train.order(epoch)))
        measured = results(task.metrics)
        restart(task.metrics)
        test_epoch(tf.constant(task.validation.order(epoch)))
        if task.controller.end_epoch(epoch, measured, results(task.metrics)):
            break


def _train_epoch(task: Task) -> tf.types.experimental.GenericFunction:
    """Order int32 [examples] → one epoch of training."""
    weights = task.model.trainable_weights

    def step(tokens: tf.Tensor, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            probabilities = task.model(tokens, training=True)
            loss = task.loss(labels, probabilities)
        task.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        _measure(task, labels, probabilities)

    return _over_batches(task.train, step)


def _test_epoch(task: Task) -> tf.types.experimental.GenericFunction:
    """Order int32 [examples] → one measurement of the validation split."""

    def step(tokens: tf.Tensor, labels: tf.Tensor) -> None:
        probabilities = task.model(tokens, training=False)
        task.loss(labels, probabilities)  # which fails if it is not finite
        _measure(task, labels, probabilities)

    return _over_batches(task.validation, step)


def _measure(task: Task, labels: tf.Tensor, probabilities: tf.Tensor) -> None:
    for metric in task.metrics:
        metric.update_state(labels, probabilities)


def _over_batches(data: InMemory, step):  # type: ignore[no-untyped-def]
    """A graph that gathers batch after batch in the order that it is given, and does `step` with each."""
    tokens, labels = data.tensors()

    @tf.function(reduce_retracing=True)
    def epoch(order: tf.Tensor) -> None:
        for start in tf.range(0, data.examples, data.batch_size):
            rows = order[start : start + data.batch_size]
            step(tf.gather(tokens, rows), tf.gather(labels, rows))

    return epoch
