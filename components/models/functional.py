"""A model written with the Functional API: a graph of layers, here with three branches."""

import keras
from keras import layers

from components.models.head import make_head
from components.models.spec import ModelSpec

KERNELS = (3, 5, 7)


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of three branches of separable convolutions, one per kernel, over shared word embeddings."""
    tokens = keras.Input([spec.max_len], dtype="int32", name="tokens")
    embedded = layers.Embedding(spec.vocabulary_size, spec.embed_dim, name="embedding")(tokens)
    features = layers.Concatenate(name="concatenate")([_branch(embedded, kernel) for kernel in KERNELS])
    return keras.Model(tokens, make_head(spec)(features), name="functional")


def _branch(x: keras.KerasTensor, kernel: int) -> keras.KerasTensor:
    """Adds one branch: embedded words [batch, length, dim] → features [batch, 32]."""
    x = layers.SeparableConv1D(64, kernel, activation="relu", name=f"separable_{kernel}_1")(x)
    x = layers.MaxPooling1D(kernel, name=f"pool_{kernel}")(x)
    x = layers.SeparableConv1D(32, kernel, activation="relu", name=f"separable_{kernel}_2")(x)
    return layers.GlobalMaxPooling1D(name=f"global_pool_{kernel}")(x)
