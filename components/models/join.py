"""Joins a second input, the features of columns next to the text, with the layers of a build style, before the head."""

import keras
from keras import layers

from components.models.head import make_head
from components.models.spec import ModelSpec

UNITS = 32
"""The units of the layer between the features and the head. It also lets the model use features together."""


def joined(text: keras.Model, spec: ModelSpec, name: str) -> keras.Model:
    """Returns a model of (tokens, features float32 [batch, width]) → probabilities.

    `text`: the layers of a build style up to the head: tokens → [batch, n]. The head gets its output, the features, and
    a layer of them. Dropout leaves the features as they are, because a single one may decide.
    """
    tokens = keras.Input([spec.max_len], dtype="int32", name="tokens")
    features = keras.Input([spec.features], dtype="float32", name="features")
    *dropout, last = make_head(spec)
    found = text(tokens)
    for layer in dropout:
        found = layer(found)
    hidden = layers.Dense(UNITS, activation="relu", name="feature_layer")(features)
    every = layers.Concatenate(name="joined")([found, hidden, features])
    return keras.Model([tokens, features], last(every), name=name)


def inputs_of(spec: ModelSpec) -> list[keras.KerasTensor]:
    """Returns the inputs of a model that is around another one: tokens, and the features if it has any."""
    tokens = keras.Input([spec.max_len], dtype="int32", name="tokens")
    return [tokens, keras.Input([spec.features], dtype="float32", name="features")] if spec.features else [tokens]


def one_or_all(inputs: list[keras.KerasTensor]) -> keras.KerasTensor | list[keras.KerasTensor]:
    """Returns the only input, or all: the form in which a model of these inputs is called."""
    return inputs if inputs[1:] else inputs[0]
