"""The last layer, the same for every build style."""

import keras

from components.models.spec import ModelSpec


def make_head(spec: ModelSpec) -> keras.layers.Layer:
    """Returns the output layer: features [batch, n] → probabilities float32 [batch, classes].

    With two classes the output is [batch, 1], the probability of label 1.
    """
    if spec.binary:
        return keras.layers.Dense(1, activation="sigmoid", name="probabilities")
    return keras.layers.Dense(spec.classes, activation="softmax", name="probabilities")
