"""A model written with the Sequential API: a list of layers."""

import keras
from keras import layers

from components.models.head import make_head, make_pooling
from components.models.join import joined
from components.models.spec import ModelSpec
from components.models.styles import POOL


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of convolutions over word embeddings, each followed by pooling by 2."""
    # In the order of the data, because each layer draws the seed of its initial weights when it is created.
    stack = [
        keras.Input([spec.max_len], dtype="int32", name="tokens"),
        layers.Embedding(spec.vocabulary_size, spec.embed_dim, name="embedding"),
    ]
    for index, (filters, kernel) in enumerate(zip(spec.layers.filters, spec.layers.kernels, strict=True), start=1):
        stack.append(layers.Conv1D(filters, kernel, activation="relu", name=f"convolution_{index}"))
        stack.append(layers.MaxPooling1D(POOL, name=f"pool_{index}"))
    stack.append(make_pooling(spec, "flatten" if spec.layers.pooling == "flatten" else "global_pool"))
    if spec.features:
        return joined(keras.Sequential(stack, name="text_layers"), spec, "sequential")
    return keras.Sequential([*stack, *make_head(spec)], name="sequential")
