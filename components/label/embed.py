"""The embedding of texts by a trained model: the input of its last layer. Imports Keras.

A model with a wide branch has the embedding of its other layers: the branch has one feature for each word, and no
embedding. Its answer still counts, in the uncertainty.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import components.models.build  # noqa: F401  # registers the custom classes that a saved model is made of
from components.models.predict import second_input, steady
from components.models.subclass import ResidualClassifier
from components.models.wide import LastTokens
from components.shared.plain_path import plain_path
from pipeline.core.errors import DataError
from schemas.artifacts.model import Model

BATCH = 256

HEAD = "probabilities"
"""The name of the last layer of every build style."""


class Embedder:
    """Texts → embeddings: float32 [n, d]."""

    def __init__(self, model: Model) -> None:
        """Raises DataError if the model cannot be loaded."""
        path = model.path / Model.KERAS_FILE
        try:
            loaded = keras.models.load_model(path, compile=False, safe_mode=True)
            with plain_path(model.path / Model.SERVING) as plain:
                self._served = tf.saved_model.load(str(plain))  # for its tokenizer, with its vocabulary
        except (ValueError, TypeError, OSError, KeyError, tf.errors.OpError) as error:
            raise DataError(f"{path} cannot be loaded: {error}; train the model again") from error
        self._features = features_of(loaded)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`texts`: at least one."""
        data = [text.encode() for text in texts]
        batches = [tf.constant(data[n : n + BATCH]) for n in range(0, len(data), BATCH)]
        parts = [self._features(self._served.tokenizer(batch)) for batch in batches]
        return np.concatenate([part.numpy() for part in parts])


def features_of(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the function from tokens int32 [n, max_len] to the input of the last layer: float32 [n, d].

    Features of other columns count as 0, so that texts are compared by the text alone.
    """
    inner = next(part for part in _parts(model) if _has_head(part))
    features = _without_head(inner)
    widths = [given.shape[1] for given in second_input(inner)]
    seen = [layer for part in _parts(model) for layer in part.layers if isinstance(layer, LastTokens)]

    @tf.function(reduce_retracing=True, autograph=False)
    def call(tokens: tf.Tensor) -> tf.Tensor:
        for layer in seen:  # next to a wide branch, the layers see the end of a text
            tokens = layer(tokens)
        zeros = [tf.zeros([tf.shape(tokens)[0], width]) for width in widths]
        return steady(features, (tokens, *zeros) if zeros else tokens)

    return call


def _without_head(model: keras.Model) -> Callable[..., Any]:
    if not isinstance(model, ResidualClassifier):
        # `layer.input` may be of another graph: a layer is in several, if its model is called in another one.
        made = model.outputs[0]._keras_history
        return keras.Model(model.inputs, made.operation._inbound_nodes[made.node_index].input_tensors[0])

    def call(tokens: Any, training: bool) -> Any:  # noqa: ARG001  # as a model is called
        x = tokens
        for layer in (model.embedding, *model.blocks, model.flatten):
            x = layer(x)
        return x

    return call


def _parts(model: keras.Model) -> Iterator[keras.Model]:
    """Yields a model and the models in it. The layers of a calibrated or wide model are inside."""
    yield model
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _parts(layer)


def _has_head(model: keras.Model) -> bool:
    return isinstance(model, ResidualClassifier) or HEAD in [layer.name for layer in model.layers]
