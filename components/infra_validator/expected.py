"""Computes the expected answers as the Evaluator does: tokenizer, then the `.keras` model. Imports Keras."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.infra_validator.texts import Batch
from components.models.predict import load_keras
from components.text.tokenize import TokenizeAndPad
from schemas.artifacts.model import Model


class Expected:
    """Computes probabilities from texts in the same way as the evaluation."""

    def __init__(self, model: Model, graph: Path) -> None:
        """`graph`: the directory of the TransformGraph."""
        self.tokenize = TokenizeAndPad.load(graph)
        self.predict = load_keras(model, self.tokenize.max_len)

    def answers(self, batches: Sequence[Batch]) -> list[NDArray[np.float32]]:
        """Returns the probabilities of each batch: float32 [texts, classes]. A batch is computed in one call."""
        return [self.predict(self.tokenize(list(batch.texts)).numpy()) for batch in batches]
