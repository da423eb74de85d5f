"""A model written with the Functional API: a graph of layers, here with one branch for each kernel."""

import keras
from keras import layers

from components.models.head import make_head, make_pooling
from components.models.join import joined
from components.models.spec import ModelSpec


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of branches of separable convolutions, one per kernel, over shared word embeddings."""
    tokens = keras.Input([spec.max_len], dtype="int32", name="tokens")
    embedded = layers.Embedding(spec.vocabulary_size, spec.embed_dim, name="embedding")(tokens)
    branches = [_branch(spec, embedded, kernel) for kernel in spec.layers.kernels]
    features = layers.Concatenate(name="concatenate")(branches) if branches[1:] else branches[0]
    if spec.features:
        return joined(keras.Model(tokens, features, name="text_layers"), spec, "functional")
    for layer in make_head(spec):
        features = layer(features)
    return keras.Model(tokens, features, name="functional")


def _branch(spec: ModelSpec, x: keras.KerasTensor, kernel: int) -> keras.KerasTensor:
    """Adds one branch: embedded words [batch, length, dim] → features [batch, n]. It pools between convolutions."""
    for index, filters in enumerate(spec.layers.filters, start=1):
        if index > 1:
            # The first name is the published one. Names of layers are part of the saved model.
            name = f"pool_{kernel}" if index == 2 else f"pool_{kernel}_{index - 1}"
            x = layers.MaxPooling1D(kernel, name=name)(x)
        x = layers.SeparableConv1D(filters, kernel, activation="relu", name=f"separable_{kernel}_{index}")(x)
    return make_pooling(spec, f"global_pool_{kernel}")(x)
