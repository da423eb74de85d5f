"""The last layer, the same for every build style."""

import keras

from components.models.spec import ModelSpec


def make_head(spec: ModelSpec) -> keras.layers.Layer:
    """Features [batch, n] → probabilities float32 [batch, classes], or for two classes [batch, 1], of label 1."""
    if spec.binary:
        return keras.layers.Dense(1, activation="sigmoid", name="probabilities")
    return keras.layers.Dense(spec.classes, activation="softmax", name="probabilities")
