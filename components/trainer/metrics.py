"""The loss and the metrics of training: the same objects in every loop, so that their values are exactly equal."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from schemas.contracts.evaluation import TOP

LOSS = "cross_entropy"
"""The metric that the history calls `loss`."""

NOT_FINITE = "the loss is not finite after step"
"""The text in TensorFlow's error when an EpochLoss stops training. It is followed by `[n]`, the steps done before."""


def make_loss_and_metrics(binary: bool, steps: keras.Variable) -> tuple["EpochLoss", list["EpochMetric"]]:
    """Returns the loss (mean cross-entropy of a batch) and the metrics over the examples of an epoch.

    The metrics are the loss, the accuracy, and AUC (two classes) or top-5 accuracy. `steps`: the optimizer's count of
    completed steps, int64 [].
    """
    metrics = keras.metrics
    loss = EpochLoss(_per_example(binary), steps, name=LOSS)
    if binary:
        return loss, [loss.metric, *map(EpochMetric, (metrics.BinaryAccuracy("accuracy"), metrics.AUC(name="auc")))]
    others = metrics.SparseCategoricalAccuracy("accuracy"), metrics.SparseTopKCategoricalAccuracy(5, "top_5_accuracy")
    return loss, [loss.metric, *map(EpochMetric, others)]


def meaningful(metrics: Sequence["EpochMetric"], classes: int) -> list["EpochMetric"]:
    """Returns the metrics without top-5 accuracy if there are five classes or fewer, because it would always be 1."""
    return [metric for metric in metrics if classes > TOP or metric.name != "top_5_accuracy"]


def _per_example(binary: bool) -> keras.losses.Loss:
    """Labels int32 [batch], probabilities [batch, classes] or [batch, 1] → cross-entropies float32 [batch]."""
    if binary:
        return keras.losses.BinaryCrossentropy(reduction=None)
    return keras.losses.SparseCategoricalCrossentropy(reduction=None)


class EpochLoss(keras.losses.Loss):
    """A loss that also updates its own epoch metric, so that no loop computes the loss twice.

    Fails with NOT_FINITE in the step in which the loss becomes NaN or infinite.
    """

    def __init__(self, per_example: keras.losses.Loss, steps: keras.Variable, **settings: Any) -> None:
        super().__init__(**settings)
        self.per_example, self.steps = per_example, steps
        self.mean = keras.metrics.Mean(name=self.name)
        self.metric = LossMetric(self.mean)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        losses = self.per_example(y_true, y_pred)
        self.mean.update_state(losses)
        # As int32, because TensorFlow adds a branch to the graph to print any other type of number.
        done = tf.cast(self.steps.value, tf.int32)
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.math.is_finite(tf.reduce_sum(losses)), [NOT_FINITE, done])]
        ):
            return tf.identity(losses)


class EpochMetric(keras.metrics.Metric):
    """A metric over a complete epoch that ignores resets between batches.

    `train_on_batch` and `test_on_batch` reset every metric before each batch. Only `start_epoch` resets this one.
    """

    def __init__(self, metric: keras.metrics.Metric) -> None:
        super().__init__(name=metric.name)
        self.metric = metric

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        return self.metric.update_state(*args, **kwargs)

    def result(self) -> Any:
        return self.metric.result()

    def reset_state(self) -> None:
        """Does nothing: see `start_epoch`."""

    def start_epoch(self) -> None:
        """Resets the metric."""
        self.metric.reset_state()


class LossMetric(EpochMetric):
    """The metric of an EpochLoss, which updates its state."""

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing: the EpochLoss has updated the state."""


def start_epoch(metrics: Sequence[EpochMetric]) -> None:
    """Resets all metrics."""
    for metric in metrics:
        metric.start_epoch()


def results(metrics: Sequence[EpochMetric]) -> dict[str, float]:
    """Returns the values since the last `start_epoch`, by metric name."""
    return {metric.name: float(metric.result()) for metric in metrics}
