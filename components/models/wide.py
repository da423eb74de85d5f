"""A wide branch: a linear classifier of n-grams next to the layers of a build style. Imports TensorFlow.

The model's answer is the mean of two: of the layers, and of the linear classifier. The linear classifier is found
before the training (components/trainer/fit_wide.py) and not trained. While the layers train, it is left out, because it
is right on nearly every text of train and would leave them nothing to learn.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from components.models.join import inputs_of, one_or_all
from components.models.ngrams import FIRST_ID, NgramWeights, Shape
from components.models.spec import ModelSpec

EVEN = 0.5
"""The share of the linear classifier in the answer until the Trainer has fitted it."""


@keras.saving.register_keras_serializable(package="refit")
class LinearClassifier(layers.Layer):
    """A linear classifier of sparse features, with one output per class, or one for label 1 of two labels.

    (features int32 [batch, n], weights float32 [batch, n]) → probabilities float32 [batch, outputs].
    """

    def __init__(self, features: int, outputs: int, **config: Any) -> None:
        super().__init__(**config)
        self.features, self.outputs = features, outputs

    def build(self, *_: Shape) -> None:
        self.kernel = self.add_weight(
            name="kernel", shape=(self.features, self.outputs), initializer="zeros", trainable=False
        )
        self.bias = self.add_weight(name="bias", shape=(self.outputs,), initializer="zeros", trainable=False)
        self.built = True

    def call(self, features: Any, weights: Any) -> Any:
        # Most weights are 0, because texts are padded. A sparse product skips them.
        at = tf.where(weights != 0)  # int64 [nonzero, 2], in the order of the texts
        cells = tf.stack([at[:, 0], tf.cast(tf.gather_nd(features, at), tf.int64)], axis=1)
        shape = [tf.shape(features, tf.int64)[0], self.features]
        bags = tf.SparseTensor(cells, tf.gather_nd(weights, at), shape)
        logits = tf.sparse.sparse_dense_matmul(bags, self.kernel) + self.bias
        return tf.sigmoid(logits) if self.outputs == 1 else tf.nn.softmax(logits)

    def compute_output_spec(self, features: keras.KerasTensor, _: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor((features.shape[0], self.outputs), "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "features": self.features, "outputs": self.outputs}


@keras.saving.register_keras_serializable(package="refit")
class LastTokens(layers.Layer):
    """The tokens that the layers see: int32 [batch, max_len] → int32 [batch, length], the last ones.

    Rare words, whose ids are `vocabulary_size` or above, become unknown words; 0: none do. Keras would name a plain
    slice differently in each model of a process, and save that name.
    """

    def __init__(self, length: int, vocabulary_size: int = 0, **config: Any) -> None:
        super().__init__(**config)
        self.length, self.vocabulary_size = length, vocabulary_size

    def call(self, tokens: Any) -> Any:
        last = tokens[:, -self.length :]
        return tf.where(last < self.vocabulary_size, last, FIRST_ID) if self.vocabulary_size else last

    def compute_output_spec(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor((tokens.shape[0], self.length), "int32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "length": self.length, "vocabulary_size": self.vocabulary_size}


@keras.saving.register_keras_serializable(package="refit")
class Mixture(layers.Layer):
    """The mean of two answers, weighted by `share` of the second. Training sees the first answer alone."""

    def build(self, *_: Shape) -> None:
        even = keras.initializers.Constant(EVEN)
        self.share = self.add_weight(name="share", shape=(), initializer=even, trainable=False)
        self.built = True

    def call(self, layers_answer: Any, wide_answer: Any, training: bool = False) -> Any:
        if training:
            return layers_answer
        return (1 - self.share) * layers_answer + self.share * wide_answer

    def compute_output_spec(self, layers_answer: keras.KerasTensor, *_: Any, **__: Any) -> keras.KerasTensor:
        return keras.KerasTensor(layers_answer.shape, "float32")


def with_wide(model: keras.Model, spec: ModelSpec) -> keras.Model:
    """Returns `model` with a wide branch next to it. The name stays the same, and so do the names of the weights."""
    tokens, *features = inputs_of(spec)
    ngrams = NgramWeights(
        spec.vocabulary_size,
        spec.words_of_ngram,
        spec.ngram_buckets,
        spec.leads,
        presence=spec.wide_form == "nb",
        name="ngrams",
    )
    linear = LinearClassifier(ngrams.features, 1 if spec.binary else spec.classes, name="wide")
    seen = spec.of_layers
    last = LastTokens(seen.max_len, seen.vocabulary_size if spec.layers_words else 0, name="last_tokens")
    answer = Mixture(name="mixture")(model(one_or_all([last(tokens), *features])), linear(*ngrams(tokens)))
    return keras.Model(one_or_all([tokens, *features]), answer, name=model.name)


def wide_part(model: keras.Model) -> keras.Model:
    """Returns the part of a model that `with_wide` made, with other outputs: of the layers, and of the classifier."""
    inner = next(part for part in (model, *model.layers) if isinstance(part, keras.Model) and _layers(part, Mixture))
    return keras.Model(inner.input, layer_of(inner, Mixture).input)


def layer_of(model: keras.Model, kind: type) -> Any:
    """Returns the only layer of a class in a model, and in the models in it."""
    [layer] = [found for part in (model, *model.layers) for found in _layers(part, kind)]
    return layer


def _layers(part: Any, kind: type) -> list[Any]:
    return [layer for layer in getattr(part, "layers", []) if isinstance(layer, kind)]
