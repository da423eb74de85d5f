"""Loss and metrics, the same objects in every loop, so that what they tell is equal to the last bit."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

LOSS = "cross_entropy"
"""The metric that is told as `loss`."""

NOT_FINITE = "the loss is not finite after step"
"""What TensorFlow's error says where a FiniteLoss stopped it, followed by `[n]`: the number of steps that went well."""


def make_loss(binary: bool, steps: keras.Variable) -> keras.losses.Loss:
    """The mean cross-entropy of a batch. `steps`: how many went well, int64 []."""
    return FiniteLoss(_per_example(binary), steps, name=LOSS)


def make_metrics(binary: bool) -> list["WholeEpoch"]:
    """What is measured over an epoch's examples: the loss, the accuracy, and AUC or the accuracy of the best five."""
    metrics = keras.metrics
    loss = metrics.MeanMetricWrapper(_per_example(binary), name=LOSS)
    if binary:
        return [WholeEpoch(m) for m in (loss, metrics.BinaryAccuracy(name="accuracy"), metrics.AUC(name="auc"))]
    top_5 = metrics.SparseTopKCategoricalAccuracy(5, name="top_5_accuracy")
    return [WholeEpoch(m) for m in (loss, metrics.SparseCategoricalAccuracy(name="accuracy"), top_5)]


def _per_example(binary: bool) -> keras.losses.Loss:
    """Labels int32 [batch], probabilities [batch, classes] or [batch, 1] → cross-entropies float32 [batch]."""
    if binary:
        return keras.losses.BinaryCrossentropy(reduction=None)
    return keras.losses.SparseCategoricalCrossentropy(reduction=None)


class FiniteLoss(keras.losses.Loss):
    """A loss that fails with NOT_FINITE in the step where it is NaN or infinite, in whichever loop."""

    def __init__(self, per_example: keras.losses.Loss, steps: keras.Variable, **settings: Any) -> None:
        super().__init__(**settings)
        self.per_example, self.steps = per_example, steps

    def call(self, y_true: Any, y_pred: Any) -> Any:
        losses = self.per_example(y_true, y_pred)
        finite = tf.reduce_all(tf.math.is_finite(losses))
        with tf.control_dependencies([tf.debugging.Assert(finite, [NOT_FINITE, self.steps.value])]):
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


def restart(metrics: Sequence[WholeEpoch]) -> None:
    """Begins an epoch's measurement."""
    for metric in metrics:
        metric.restart()


def results(metrics: Sequence[WholeEpoch]) -> dict[str, float]:
    """What was measured since `restart`, by metric name."""
    return {metric.name: float(metric.result()) for metric in metrics}
