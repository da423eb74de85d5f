"""The last layers, the same for every build style, and the layer between the convolutions and them."""

from typing import Any

import keras
from keras import layers, ops

from components.models.spec import ModelSpec


@keras.saving.register_keras_serializable(package="refit")
class MeanPooling(layers.Layer):
    """The mean over positions: [batch, length, channels] → [batch, channels].

    Computed by one operation. In the gradient of GlobalAveragePooling1D, TensorFlow reorders multiplications by numbers
    where the batch size is known, as in `train_on_batch`. The last digits of the weights then depended on the loop.
    """

    def call(self, x: Any) -> Any:
        return ops.squeeze(ops.average_pool(x, x.shape[1], x.shape[1]), axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], input_shape[2])


_POOLING = {"flatten": layers.Flatten, "max": layers.GlobalMaxPooling1D, "mean": MeanPooling}


def make_pooling(spec: ModelSpec, name: str) -> keras.layers.Layer:
    """Returns the layer after the convolutions: [batch, length, channels] → features [batch, n].

    The mean includes the positions of the padding.
    """
    return _POOLING[spec.layers.pooling](name=name)


def make_head(spec: ModelSpec) -> list[keras.layers.Layer]:
    """Returns the last layers: features [batch, n] → probabilities float32 [batch, classes].

    With two classes the output is [batch, 1], the probability of label 1. Dropout has no separate seed: its
    seed follows from the seed of the process, as the initial weights do.
    """
    dropout = [layers.Dropout(spec.dropout, name="dropout")] if spec.dropout else []
    if spec.binary:
        return [*dropout, layers.Dense(1, activation="sigmoid", name="probabilities")]
    return [*dropout, layers.Dense(spec.classes, activation="softmax", name="probabilities")]
