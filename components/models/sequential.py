"""A model written with the Sequential API: a list of layers."""

import keras
from keras import layers

from components.models.head import make_head
from components.models.spec import ModelSpec


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of two convolutions over word embeddings, each followed by pooling by 2."""
    return keras.Sequential(
        [
            keras.Input([spec.max_len], dtype="int32", name="tokens"),
            layers.Embedding(spec.vocabulary_size, spec.embed_dim, name="embedding"),
            layers.Conv1D(64, 5, activation="relu", name="convolution_1"),
            layers.MaxPooling1D(2, name="pool_1"),
            layers.Conv1D(32, 3, activation="relu", name="convolution_2"),
            layers.MaxPooling1D(2, name="pool_2"),
            layers.Flatten(name="flatten"),
            make_head(spec),
        ],
        name="sequential",
    )
