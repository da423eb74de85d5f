"""A model written with subclassing: a custom Model and a custom Layer that can be saved, loaded and inspected."""

from dataclasses import fields
from typing import Any

import keras
from keras import layers

from components.models.head import make_head, make_pooling
from components.models.join import joined
from components.models.spec import ModelSpec
from components.models.styles import POOL

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="refit")
class ResidualBlock(layers.Layer):
    """Adds the output of convolutions to its input, then pools by 2.

    x [batch, length, channels] → [batch, length // 2, channels].
    """

    def __init__(self, kernel: int, filters: tuple[int, ...] = (64, 32), **settings: Any) -> None:
        super().__init__(**settings)
        self.kernel, self.filters = kernel, tuple(filters)
        self.pool = layers.MaxPooling1D(POOL, name="pool")
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
    """Tokens int32 [batch, max_len] → probabilities [batch, classes], or [batch, 1] with two classes.

    If the model has a second input, it is the layers before the head: tokens → [batch, n].
    """

    def __init__(self, **config: Any) -> None:
        """`config`: the fields of ModelSpec except the build style, and the arguments of `keras.Model`."""
        form = {field.name: config.pop(field.name) for field in fields(ModelSpec) if field.name in config}
        # A saved model has lists, because JSON has no tuples.
        form = {name: tuple(value) if isinstance(value, list) else value for name, value in form.items()}
        super().__init__(**config)
        self.spec = ModelSpec(build_style="subclass", **form)
        self.embedding = layers.Embedding(self.spec.vocabulary_size, self.spec.embed_dim, name="embedding")
        filters, kernels = self.spec.layers.filters, self.spec.layers.kernels
        self.blocks = [
            ResidualBlock(kernel, filters, name=name) for kernel, name in zip(kernels, _names(kernels), strict=True)
        ]
        # The names of these attributes are part of the saved model.
        self.flatten = make_pooling(self.spec, "flatten" if self.spec.layers.pooling == "flatten" else "global_pool")
        # With a second input, the head follows after it is joined.
        last = [] if self.spec.features else make_head(self.spec)
        self.dropout = last[0] if last[1:] else None
        self.head = last[-1] if last else None

    def build(self, input_shape: Shape) -> None:
        """Creates all weights, so that `load_weights` cannot silently do nothing before the first call."""
        shape = tuple(input_shape)
        for layer in self._stack:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.built = True

    def call(self, tokens: Any, training: bool | None = None) -> Any:
        """`training`: Keras passes it to the layers."""
        x = tokens
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if self.head is not None:
            return self.head.compute_output_shape((input_shape[0], None))
        shape = tuple(input_shape)
        for layer in self._stack:
            shape = layer.compute_output_shape(shape)
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.spec.arguments()}

    @property
    def _stack(self) -> list[layers.Layer]:
        last = [layer for layer in (self.dropout, self.head) if layer is not None]
        return [self.embedding, *self.blocks, self.flatten, *last]


def _names(kernels: tuple[int, ...]) -> list[str]:
    """Returns a name for each block. A kernel that occurs again gets a number: `residual_5`, `residual_5_2`."""
    times = [kernels[: index + 1].count(kernel) for index, kernel in enumerate(kernels)]
    return [f"residual_{k}" if n == 1 else f"residual_{k}_{n}" for k, n in zip(kernels, times, strict=True)]


def build(spec: ModelSpec) -> keras.Model:
    """Returns a model of residual blocks, one per kernel, over word embeddings."""
    model = ResidualClassifier(**spec.arguments(), name="text_layers" if spec.features else "subclass")
    model.build((None, spec.max_len))
    return joined(model, spec, "subclass") if spec.features else model
