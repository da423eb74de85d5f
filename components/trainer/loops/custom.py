"""A custom loop: `GradientTape` and `apply_gradients` in a `tf.function`.

If the data are in memory, one call of the `tf.function` runs many steps, without Python between them.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from components.trainer.data import Data, InMemory, gather
from components.trainer.loops.task import STEPS_A_CALL, Task
from components.trainer.metrics import results

Step = Callable[[Any, tf.Tensor], None]
"""Takes the inputs and the labels of a batch."""


def train(task: Task) -> None:
    """Trains from the controller's next epoch to its last."""
    train_epoch, test_epoch = _train_epoch(task), _test_epoch(task)
    for epoch in range(task.controller.next_epoch, task.controller.last_epoch + 1):
        task.begin_epoch(epoch)
        train_epoch(epoch)
        train_metrics = results(task.metrics)
        task.begin_validation()
        test_epoch(epoch)
        if task.controller.end_epoch(epoch, train_metrics, results(task.metrics)):
            break


def _train_epoch(task: Task) -> Callable[[int], None]:
    """Returns a function that trains one epoch, given its number."""
    weights = task.model.trainable_weights

    def step(inputs: Any, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            probabilities = task.model(inputs, training=True)
            loss = task.loss(labels, probabilities)
        task.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        _update_metrics(task, labels, probabilities)

    return _over_batches(task.train, step)


def _test_epoch(task: Task) -> Callable[[int], None]:
    """Returns a function that computes the metrics of the validation split."""

    def step(inputs: Any, labels: tf.Tensor) -> None:
        probabilities = task.model(inputs, training=False)
        task.loss(labels, probabilities)  # also updates the loss metric, and fails if the loss is not finite
        _update_metrics(task, labels, probabilities)

    return _over_batches(task.validation, step)


def _update_metrics(task: Task, labels: tf.Tensor, probabilities: tf.Tensor) -> None:
    for metric in task.metrics:
        metric.update_state(labels, probabilities)


def _over_batches(data: Data, step: Step) -> Callable[[int], None]:
    """Returns a function that calls `step` with every batch of one epoch, given its number."""
    if isinstance(data, InMemory):
        return _in_one_graph(data, step)
    compiled = tf.function(step, reduce_retracing=True, autograph=False)

    def epoch(number: int) -> None:
        for inputs, labels in data.dataset(number, number):
            compiled(inputs, labels)

    return epoch


def _in_one_graph(data: InMemory, step: Step) -> Callable[[int], None]:
    """Like `_over_batches`, but gathers the batches within the graph, without Python between steps."""
    inputs, labels = data.tensors()

    @tf.autograph.experimental.do_not_convert
    def step_on(rows: tf.Tensor) -> None:
        step(gather(inputs, rows), tf.gather(labels, rows))

    @tf.function(reduce_retracing=True)  # AutoGraph turns this `for` into a loop of the graph
    def in_order(order: tf.Tensor) -> None:
        for start in tf.range(0, tf.size(order), data.batch_size):
            step_on(order[start : start + data.batch_size])

    def epoch(number: int) -> None:
        order, part = data.order(number), STEPS_A_CALL * data.batch_size
        for start in range(0, data.examples, part):
            in_order(tf.constant(order[start : start + part]))

    return epoch
