"""Probabilities from a saved model. Imports Keras."""

import keras
import numpy as np
from numpy.typing import NDArray

import components.trainer.models  # noqa: F401  # registers the custom classes that a saved model is made of
from pipeline.errors import DataError
from schemas.artifacts import Model

BATCH = 256
"""Examples a step. Another number may change the last bit of a probability."""


def predict(model: Model, tokens: NDArray[np.int32]) -> NDArray[np.float32]:
    """Tokens int32 [n, max_len] → probabilities float32 [n, classes], or for two classes [n], of label 1.

    Raises DataError if the model's file cannot be loaded.
    """
    path = model.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise DataError(f"{path} cannot be loaded: {error}; train the model anew") from error
    probabilities = loaded.predict(tokens, batch_size=BATCH, verbose=0)
    return probabilities[:, 0] if probabilities.shape[1] == 1 else probabilities
