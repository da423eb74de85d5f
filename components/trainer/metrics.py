"""The loss and the metrics of training: the same objects in every loop, so that their values are exactly equal."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from components.trainer.losses import Losses, cross_entropy
from schemas.contracts.evaluation import TOP

LOSS = "cross_entropy"
"""The metric that the history calls `loss`."""

NOT_FINITE = "the loss is not finite after step"
"""The text in TensorFlow's error when an EpochLoss stops training. It is followed by `[n]`, the steps done before."""


def make_loss_and_metrics(
    binary: bool, steps: keras.Variable, trained: Losses | None = None
) -> tuple["EpochLoss", list["EpochMetric"]]:
    """Returns the loss (mean cross-entropy of a batch) and the metrics over the examples of an epoch.

    The metrics are the loss, the accuracy, and AUC (two classes) or top-5 accuracy. `steps`: the optimizer's count of
    completed steps, int64 []. `trained`: the loss that trains, if it is not the cross-entropy.
    """
    metrics = keras.metrics
    loss = EpochLoss(cross_entropy(binary), steps, trained, name=LOSS)
    if binary:
        return loss, [loss.metric, *map(EpochMetric, (metrics.BinaryAccuracy("accuracy"), metrics.AUC(name="auc")))]
    others = metrics.SparseCategoricalAccuracy("accuracy"), metrics.SparseTopKCategoricalAccuracy(5, "top_5_accuracy")
    return loss, [loss.metric, *map(EpochMetric, others)]


def meaningful(metrics: Sequence["EpochMetric"], classes: int) -> list["EpochMetric"]:
    """Returns the metrics without top-5 accuracy if there are five classes or fewer, because it would always be 1."""
    return [metric for metric in metrics if classes > TOP or metric.name != "top_5_accuracy"]


class EpochLoss(keras.losses.Loss):
    """A loss that also updates its own epoch metric, so that no loop computes the loss twice.

    Fails with NOT_FINITE in the step in which the loss becomes NaN or infinite.
    """

    def __init__(
        self, per_example: Losses, steps: keras.Variable, trained: Losses | None = None, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.per_example, self.steps, self.trained = per_example, steps, trained
        self.mean = keras.metrics.Mean(name=self.name)
        self.metric = LossMetric(self.mean)
        # A variable, because Keras passes the same loss to training and to validation, and both are compiled.
        self.training = tf.Variable(True) if trained else None

    def set_training(self, training: bool) -> None:
        """Chooses the loss that trains, or the cross-entropy, which validates."""
        if self.training is not None:
            self.training.assign(training)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        losses = self._losses(y_true, y_pred)
        self.mean.update_state(losses)
        # As int32, because TensorFlow adds a branch to the graph to print any other type of number.
        done = tf.cast(self.steps.value, tf.int32)
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.math.is_finite(tf.reduce_sum(losses)), [NOT_FINITE, done])]
        ):
            return tf.identity(losses)

    def _losses(self, y_true: Any, y_pred: Any) -> Any:
        plain = self.per_example(y_true, y_pred)
        return plain if self.trained is None else tf.where(self.training, self.trained(y_true, y_pred), plain)


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
