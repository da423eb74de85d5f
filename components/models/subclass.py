"""A model written with subclassing: a custom Model and a custom Layer that can be saved, loaded and inspected."""

from typing import Any

import keras
from keras import layers

from components.models.head import make_head
from components.models.spec import ModelSpec

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="refit")
class ResidualBlock(layers.Layer):
    """Adds the output of three convolutions to its input, then pools by 2.

    x [batch, length, channels] → [batch, length // 2, channels].
    """

    def __init__(self, kernel: int, filters: tuple[int, ...] = (64, 32), **settings: Any) -> None:
        super().__init__(**settings)
        self.kernel, self.filters = kernel, tuple(filters)
        self.pool = layers.MaxPooling1D(2, name="pool")
        self.convolutions: list[layers.Layer] = []

    def build(self, input_shape: Shape) -> None:
        """Creates the convolutions. The last one has as many channels as the input, so that they can be added."""
        shape = tuple(input_shape)
        for index, filters in enumerate([*self.filters, shape[-1]], start=1):
            convolution = layers.Conv1D(
                filters, self.kernel, padding="same", activation="relu", name=f"convolution_{index}"
            )
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            self.convolutions.append(convolution)
        self.built = True

    def call(self, x: Any) -> Any:
        residual = x
        for convolution in self.convolutions:
            residual = convolution(residual)
        return self.pool(x + residual)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.pool.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel": self.kernel, "filters": list(self.filters)}


@keras.saving.register_keras_serializable(package="refit")
class ResidualClassifier(keras.Model):
    """Tokens int32 [batch, max_len] → probabilities [batch, classes], or [batch, 1] with two classes."""

    def __init__(self, vocabulary_size: int, max_len: int, classes: int, embed_dim: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.spec = ModelSpec(
            build_style="subclass",
            vocabulary_size=vocabulary_size,
            max_len=max_len,
            classes=classes,
            embed_dim=embed_dim,
        )
        self.embedding = layers.Embedding(vocabulary_size, embed_dim, name="embedding")
        self.blocks = [ResidualBlock(kernel, name=f"residual_{kernel}") for kernel in (7, 5)]
        self.flatten = layers.Flatten(name="flatten")
        self.head = make_head(self.spec)

    def build(self, input_shape: Shape) -> None:
        """Creates all weights, so that `load_weights` cannot silently do nothing before the first call."""
        shape = tuple(input_shape)
        for layer in self._stack:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.built = True

    def call(self, tokens: Any) -> Any:
        x = tokens
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.head.compute_output_shape((input_shape[0], None))

    def get_config(self) -> dict[str, Any]:
        spec = self.spec
        sizes = {name: getattr(spec, name) for name in ("vocabulary_size", "max_len", "classes", "embed_dim")}
        return {**super().get_config(), **sizes}

    @property
    def _stack(self) -> list[layers.Layer]:
        return [self.embedding, *self.blocks, self.flatten, self.head]


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of two residual blocks (kernels 7 and 5) over word embeddings."""
    model = ResidualClassifier(spec.vocabulary_size, spec.max_len, spec.classes, spec.embed_dim, name="subclass")
    model.build((None, spec.max_len))
    return model
