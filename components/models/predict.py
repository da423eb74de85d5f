"""Predicts with a saved model: the bits of a probability do not depend on its batch. Imports Keras."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import components.models.build  # noqa: F401  # registers the custom classes that a saved model is made of
from pipeline.core.errors import DataError
from schemas.artifacts.model import Model

Predict = Callable[[NDArray[np.int32]], NDArray[np.float32]]
"""Tokens int32 [n, max_len] → probabilities float32 [n, classes]."""


def steady(model: keras.Model, tokens: tf.Tensor) -> tf.Tensor:
    """What the Keras `model` says of `tokens`: int32 [n, max_len] → float32 [n, classes or 1], also for n = 0.

    A row of padding goes with them. A text alone would be multiplied as a vector and not as a matrix, and its sums
    taken in another order: up to 2.4e-6 beside what it gets among others, where all other batch sizes, 2 to 1,024, gave
    the same bits (the three build styles on the CPU, TensorFlow 2.19).
    """
    return model(tf.pad(tokens, [[0, 1], [0, 0]]), training=False)[:-1]


def load_keras(model: Model, max_len: int) -> Predict:
    """The model from its file, as whoever uses it would load it. Raises DataError if that fails."""
    path = model.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise DataError(f"{path} cannot be loaded: {error}; train the model anew") from error
    # The length is fixed, the number of rows is not: one graph, also for a smaller last batch.
    call = tf.function(lambda x: steady(loaded, x), input_signature=[tf.TensorSpec([None, max_len], tf.int32)])

    def predict(tokens: NDArray[np.int32]) -> NDArray[np.float32]:
        probabilities = call(tf.constant(tokens)).numpy()
        one = probabilities.shape[1] == 1  # of label 1
        return np.concatenate([1 - probabilities, probabilities], axis=1) if one else probabilities

    return predict
