"""A last layer that makes a classifier less or more confident by one number, the temperature. Imports Keras.

Guo et al. 2017, On Calibration of Modern Neural Networks (arXiv:1706.04599), section 4.2.
"""

from typing import Any

import keras
from keras import layers, ops

from components.models.join import inputs_of, one_or_all
from components.models.spec import ModelSpec

Shape = tuple[int | None, ...]

SMALLEST = 2.0**-126
"""The smallest normal float32. A probability of 0 counts as this, because its logarithm is not finite."""

SMALLEST_REST = 2.0**-25
"""A sigmoid output of exactly 1 leaves this for label 0: half the distance to the next smaller float32."""


@keras.saving.register_keras_serializable(package="refit")
class Temperature(layers.Layer):
    """Divides the logits of probabilities by a temperature T > 0.

    [batch, classes] → softmax(log p / T); [batch, 1], the output of a sigmoid → sigmoid(logit p / T). T = 1 returns the
    input to the last bit. The layer takes no part in training. The Trainer adds it and sets T afterwards.
    """

    def build(self, input_shape: Shape) -> None:
        """Creates T, which is 1 and not trained."""
        self.temperature = self.add_weight(name="temperature", shape=(), initializer="ones", trainable=False)
        self.built = True

    def call(self, p: Any, training: bool = False) -> Any:
        if training:
            return p
        logs = ops.log(ops.maximum(p, SMALLEST))
        if p.shape[-1] == 1:
            scaled = ops.sigmoid((logs - ops.log(ops.maximum(1 - p, SMALLEST_REST))) / self.temperature)
        else:
            scaled = ops.softmax(logs / self.temperature, axis=-1)
        return ops.where(ops.equal(self.temperature, 1.0), p, scaled)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


def with_temperature(model: keras.Model, spec: ModelSpec) -> keras.Model:
    """Returns `model` with a Temperature after it. The name stays the same, and so do the names of the weights."""
    inputs = one_or_all(inputs_of(spec))
    return keras.Model(inputs, Temperature(name="temperature")(model(inputs)), name=model.name)


def temperature_of(model: keras.Model) -> keras.Variable | None:
    """Returns the variable T of a model; None if the model has no Temperature."""
    return next((layer.temperature for layer in model.layers if isinstance(layer, Temperature)), None)
