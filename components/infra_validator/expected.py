"""What the evaluation would say: the tokenising graph, and the model from its `.keras` file. Imports Keras."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

import components.trainer.models  # noqa: F401  # registers the custom classes that a saved model is made of
from components.infra_validator.texts import Batch
from components.preprocessing.tokenize import TokenizeAndPad
from schemas.artifacts import Model


class Expected:
    """The evaluation's way from a text to probabilities."""

    def __init__(self, model: Model, graph: Path) -> None:
        """`graph`: the directory of the TransformGraph."""
        self.tokenize = TokenizeAndPad.load(graph)
        self.model = keras.models.load_model(model.path / Model.KERAS_FILE, compile=False, safe_mode=True)

    def answers(self, batches: Sequence[Batch]) -> list[NDArray[np.float32]]:
        """For each batch the probabilities: float32 [texts, classes], each batch computed whole."""
        return [self._probabilities(batch) for batch in batches]

    def _probabilities(self, batch: Batch) -> NDArray[np.float32]:
        probabilities = self.model.predict_on_batch(self.tokenize(list(batch.texts)))
        if probabilities.shape[1] > 1:
            return probabilities
        return np.concatenate([1 - probabilities, probabilities], axis=1)
