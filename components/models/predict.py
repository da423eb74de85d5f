"""Predicts with a saved model. Its probabilities hardly depend on the batch size. Imports Keras."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import components.models.build  # noqa: F401  # registers the custom classes that a saved model is made of
from pipeline.core.errors import DataError
from schemas.artifacts.model import Model

Predict = Callable[[Any], NDArray[np.float32]]
"""Inputs → probabilities float32 [n, classes]. Inputs: tokens int32 [n, max_len], or (tokens, features)."""


def steady(model: keras.Model, inputs: Any) -> tf.Tensor:
    """Returns the output of `model` for tokens int32 [n, max_len], or (tokens, features float32 [n, width]).

    The output is float32 [n, classes or 1], also for n = 0.

    A row of padding is added, because TensorFlow multiplies a batch of one text as a vector, not as a matrix. The order
    of its sums then differs, and the probabilities differ by up to 2.4e-6. With the added row, other batch sizes gave
    equal probabilities on one CPU, and probabilities that differ by up to 1.2e-7 on another (an AMD EPYC). Measured
    with the three build styles and TensorFlow 2.19.
    """
    padded = tf.nest.map_structure(lambda tensor: tf.pad(tensor, [[0, 1], [0, 0]]), inputs)
    return model(padded, training=False)[:-1]


def load_keras(model: Model, max_len: int) -> Predict:
    """Loads the model from its `.keras` file. Raises DataError if that fails."""
    path = model.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise DataError(f"{path} cannot be loaded: {error}; train the model again") from error
    # The number of rows is not fixed, so that one graph also serves a smaller last batch.
    tokens, *features = [tf.TensorSpec([None, max_len], tf.int32), *map(_spec, second_input(loaded))]
    signature = [(tokens, *features) if features else tokens]
    call = tf.function(lambda x: steady(loaded, x), input_signature=signature, autograph=False)

    def predict(inputs: Any) -> NDArray[np.float32]:
        probabilities = call(tf.nest.map_structure(tf.constant, inputs)).numpy()
        binary = probabilities.shape[1] == 1  # the probability of label 1
        return np.concatenate([1 - probabilities, probabilities], axis=1) if binary else probabilities

    return predict


def second_input(model: keras.Model) -> list[keras.KerasTensor]:
    """Returns the input of the features in a list; empty if the model has none."""
    return list(getattr(model, "inputs", None) or [])[1:]  # a subclassed model does not list its inputs


def _spec(given: keras.KerasTensor) -> tf.TensorSpec:
    return tf.TensorSpec(given.shape, given.dtype)
