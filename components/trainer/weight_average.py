"""The moving average of the weights, which is validated, chosen and saved instead of the last weights."""

from typing import Any

import keras


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
