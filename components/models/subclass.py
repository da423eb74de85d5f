"""A model written with subclassing: a custom Model and a custom Layer that can be saved, loaded and inspected."""

from dataclasses import fields
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

    def __init__(self, **config: Any) -> None:
        """`config`: the fields of ModelSpec except the build style, and the arguments of `keras.Model`."""
        form = {field.name: config.pop(field.name) for field in fields(ModelSpec) if field.name in config}
        super().__init__(**config)
        self.spec = ModelSpec(build_style="subclass", **form)
        self.embedding = layers.Embedding(self.spec.vocabulary_size, self.spec.embed_dim, name="embedding")
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
        return {**super().get_config(), **self.spec.layers()}

    @property
    def _stack(self) -> list[layers.Layer]:
        return [self.embedding, *self.blocks, self.flatten, self.head]


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of two residual blocks (kernels 7 and 5) over word embeddings."""
    model = ResidualClassifier(**spec.layers(), name="subclass")
    model.build((None, spec.max_len))
    return model
