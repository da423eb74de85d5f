"""The loss of an example: cross-entropy, and the form of it that trains. Imports TensorFlow."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Losses = Callable[[Any, Any], Any]
"""Labels int32 [batch], probabilities [batch, classes] or [batch, 1] → losses float32 [batch]."""


def cross_entropy(binary: bool) -> Losses:
    """Returns the cross-entropy of each example."""
    if binary:
        return keras.losses.BinaryCrossentropy(reduction=None)
    return keras.losses.SparseCategoricalCrossentropy(reduction=None)


def training_loss(classes: int, smoothing: float, weights: NDArray[np.float32] | None) -> Losses | None:
    """Returns the cross-entropy with label smoothing and class weights; None if it has neither.

    `smoothing`: share of each label that is spread over all classes; `weights`: float32 [classes].
    """
    if not smoothing and weights is None:
        return None
    smoothed = _smoothed(classes, smoothing) if smoothing else cross_entropy(classes == 2)
    if weights is None:
        return smoothed
    by_class = tf.constant(weights)
    return lambda labels, probabilities: smoothed(labels, probabilities) * tf.gather(by_class, _ids(labels))


def _smoothed(classes: int, smoothing: float) -> Losses:
    if classes == 2:
        return keras.losses.BinaryCrossentropy(label_smoothing=smoothing, reduction=None)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing, reduction=None)
    return lambda labels, probabilities: loss(tf.one_hot(_ids(labels), classes), probabilities)


def _ids(labels: Any) -> tf.Tensor:
    """Returns labels as int32 [batch]. Keras passes them as floats."""
    return tf.cast(tf.reshape(labels, [-1]), tf.int32)
