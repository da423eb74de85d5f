"""Loss and metrics, the same objects in every loop, so that what they tell is equal to the last bit."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

LOSS = "cross_entropy"
"""The metric that is told as `loss`."""

NOT_FINITE = "the loss is not finite after step"
"""What TensorFlow's error says where an EpochLoss stopped it, followed by `[n]`: the number of steps that went well."""


def make_measures(binary: bool, steps: keras.Variable) -> tuple["EpochLoss", list["WholeEpoch"]]:
    """The mean cross-entropy of a batch, and what is measured over an epoch's examples.

    That is the loss, the accuracy, and AUC or the accuracy of the best five. `steps`: how many went well, int64 [].
    """
    metrics = keras.metrics
    loss = EpochLoss(_per_example(binary), steps, name=LOSS)
    if binary:
        return loss, [loss.measured, *map(WholeEpoch, (metrics.BinaryAccuracy("accuracy"), metrics.AUC(name="auc")))]
    best = metrics.SparseCategoricalAccuracy("accuracy"), metrics.SparseTopKCategoricalAccuracy(5, "top_5_accuracy")
    return loss, [loss.measured, *map(WholeEpoch, best)]


def _per_example(binary: bool) -> keras.losses.Loss:
    """Labels int32 [batch], probabilities [batch, classes] or [batch, 1] → cross-entropies float32 [batch]."""
    if binary:
        return keras.losses.BinaryCrossentropy(reduction=None)
    return keras.losses.SparseCategoricalCrossentropy(reduction=None)


class EpochLoss(keras.losses.Loss):
    """A loss that is measured where it is computed, so that no loop computes it twice.

    Fails with NOT_FINITE in the step where it is NaN or infinite.
    """

    def __init__(self, per_example: keras.losses.Loss, steps: keras.Variable, **settings: Any) -> None:
        super().__init__(**settings)
        self.per_example, self.steps = per_example, steps
        self.mean = keras.metrics.Mean(name=self.name)
        self.measured = MeasuredElsewhere(self.mean)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        losses = self.per_example(y_true, y_pred)
        self.mean.update_state(losses)
        # As int32: to tell any other number TensorFlow would make a branch of the graph.
        done = tf.cast(self.steps.value, tf.int32)
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.math.is_finite(tf.reduce_sum(losses)), [NOT_FINITE, done])]
        ):
            return tf.identity(losses)


class WholeEpoch(keras.metrics.Metric):
    """A metric that covers an epoch, whoever resets it between the batches.

    `train_on_batch` and `test_on_batch` reset every metric before each batch; here only `restart` does.
    """

    def __init__(self, metric: keras.metrics.Metric) -> None:
        super().__init__(name=metric.name)
        self.metric = metric

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        return self.metric.update_state(*args, **kwargs)

    def result(self) -> Any:
        return self.metric.result()

    def reset_state(self) -> None:
        """Nothing: that an epoch begins is told by `restart`."""

    def restart(self) -> None:
        """Begins to measure anew."""
        self.metric.reset_state()


class MeasuredElsewhere(WholeEpoch):
    """A metric whose state somebody else updates."""

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""


def restart(metrics: Sequence[WholeEpoch]) -> None:
    """Begins an epoch's measurement."""
    for metric in metrics:
        metric.restart()


def results(metrics: Sequence[WholeEpoch]) -> dict[str, float]:
    """What was measured since `restart`, by metric name."""
    return {metric.name: float(metric.result()) for metric in metrics}
