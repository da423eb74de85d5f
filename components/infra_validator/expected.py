"""Computes the expected answers as the Evaluator does: tokenizer, then the `.keras` model. Imports Keras."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.infra_validator.texts import Batch
from components.models.predict import load_keras
from components.text.features import EncodeFeatures, read_features
from components.text.tokenize import TokenizeAndPad
from schemas.artifacts.model import Model


class Expected:
    """Computes probabilities from texts in the same way as the evaluation."""

    def __init__(self, model: Model, graph: Path) -> None:
        """`graph`: the directory of the TransformGraph."""
        self.tokenize = TokenizeAndPad.load(graph)
        self.encode = EncodeFeatures(read_features(graph))
        self.predict = load_keras(model, self.tokenize.max_len)

    def answers(self, batches: Sequence[Batch]) -> list[NDArray[np.float32]]:
        """Returns the probabilities of each batch: float32 [texts, classes]. A batch is computed in one call."""
        return [self.predict(self._inputs(batch)) for batch in batches]

    def _inputs(self, batch: Batch) -> Any:
        tokens = self.tokenize(list(batch.texts)).numpy()
        if not batch.features:
            return tokens
        named = [dict(row) for row in batch.features]
        return tokens, self.encode({name: tf.constant([row[name] for row in named]) for name in named[0]}).numpy()
