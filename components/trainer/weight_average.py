"""The moving average of the weights, which is validated, chosen and saved instead of the last weights."""

from collections.abc import Sequence
from typing import Any

import keras


class AveragingNadam(keras.optimizers.Nadam):
    """Nadam that also computes an exponential moving average of the weights, which starts with the first step's."""

    def __init__(self, learning_rate: float, decay: float) -> None:
        """`decay`: of the average per step, above 0 and below 1."""
        super().__init__(learning_rate, use_ema=True, ema_momentum=decay)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Does nothing. Keras would replace the weights by their average at the end of `fit`."""


class WeightAverage:
    """Exchanges the weights of a model and their moving average, which the optimizer of Keras computes (`use_ema`)."""

    def __init__(self, optimizer: keras.optimizers.Optimizer) -> None:
        self.optimizer: Any = optimizer

    def exchange(self) -> None:
        """Puts the average into the model, or the weights back. Does nothing if the optimizer computes no average.

        Exact. Keras's callback SwapEMAWeights adds and subtracts instead, which rounds the weights.
        """
        if not self.optimizer.use_ema:
            return
        averages = self.optimizer._model_variables_moving_average
        for weight, average in zip(self.optimizer._trainable_variables, averages, strict=True):
            value = weight.numpy()
            weight.assign(average)
            average.assign(value)
