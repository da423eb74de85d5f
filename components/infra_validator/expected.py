"""What the evaluation would say: the tokenising graph, and the model from its `.keras` file. Imports Keras."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.infra_validator.texts import Batch
from components.models.predict import load_keras
from components.text.tokenize import TokenizeAndPad
from schemas.artifacts.model import Model


class Expected:
    """The evaluation's way from a text to probabilities."""

    def __init__(self, model: Model, graph: Path) -> None:
        """`graph`: the directory of the TransformGraph."""
        self.tokenize = TokenizeAndPad.load(graph)
        self.predict = load_keras(model, self.tokenize.max_len)

    def answers(self, batches: Sequence[Batch]) -> list[NDArray[np.float32]]:
        """For each batch the probabilities: float32 [texts, classes], each batch computed whole."""
        return [self.predict(self.tokenize(list(batch.texts)).numpy()) for batch in batches]
