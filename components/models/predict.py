"""Predicts with a saved model. Its probabilities hardly depend on the batch size. Imports Keras."""

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
    """Returns the output of `model` for `tokens`: int32 [n, max_len] → float32 [n, classes or 1], also for n = 0.

    A row of padding is added, because TensorFlow multiplies a batch of one text as a vector, not as a matrix. The order
    of its sums then differs, and the probabilities differ by up to 2.4e-6. With the added row, other batch sizes gave
    equal probabilities on one CPU, and probabilities that differ by up to 1.2e-7 on another (an AMD EPYC). Measured
    with the three build styles and TensorFlow 2.19.
    """
    return model(tf.pad(tokens, [[0, 1], [0, 0]]), training=False)[:-1]


def load_keras(model: Model, max_len: int) -> Predict:
    """Loads the model from its `.keras` file. Raises DataError if that fails."""
    path = model.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise DataError(f"{path} cannot be loaded: {error}; train the model again") from error
    # The number of rows is not fixed, so that one graph also serves a smaller last batch.
    call = tf.function(lambda x: steady(loaded, x), input_signature=[tf.TensorSpec([None, max_len], tf.int32)])

    def predict(tokens: NDArray[np.int32]) -> NDArray[np.float32]:
        probabilities = call(tf.constant(tokens)).numpy()
        binary = probabilities.shape[1] == 1  # the probability of label 1
        return np.concatenate([1 - probabilities, probabilities], axis=1) if binary else probabilities

    return predict
