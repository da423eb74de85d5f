"""A layer that turns token ids into the weights of word n-grams, as a bag of words. Imports TensorFlow.

Words have their own features. Longer n-grams share a fixed number of features, which a hash of their ids chooses:
Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning (arXiv:0902.2206).
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

PRIME, MULTIPLIER = 2**31 - 1, 481_823_429
"""The hash is a polynomial in the token ids, modulo a prime: below 2**31, so that no product exceeds int64."""

FIRST_ID = 2
"""The lowest id of a word, which all unknown words have. Below are padding and the start of a text."""

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="refit")
class NgramWeights(layers.Layer):
    """Weighs the n-grams of each text. Its weights sum to 1 when squared, so that length does not matter.

    tokens int32 [batch, max_len] → (features int32 [batch, n], weights float32 [batch, n]). Each feature of a text has
    one weight that is not 0: its scale times 1 + log(occurrences), or times 1 if `presence`. The other weights are 0.
    Padding and the start of a text are not words. For each number in `leads`, that many first words of a text have
    features of their own, in addition, because news begin with their topic. `scale` float32 [features] is not trained:
    the Trainer sets it from train.
    """

    def __init__(
        self, vocabulary_size: int, ngrams: int, buckets: int, leads: Sequence[int], presence: bool, **config: Any
    ) -> None:
        """`ngrams`: words of the longest n-gram; `buckets`: features of n-grams longer than one word."""
        super().__init__(**config)
        self.vocabulary_size, self.ngrams, self.buckets = vocabulary_size, ngrams, buckets
        self.leads, self.presence = tuple(leads), presence

    @property
    def words(self) -> int:
        """The number of features of one word: the first ones."""
        return self.vocabulary_size * (1 + len(self.leads))

    @property
    def features(self) -> int:
        """The number of features."""
        return self.words + (self.buckets if self.ngrams > 1 else 0)

    def build(self, input_shape: Shape) -> None:
        self.scale = self.add_weight(name="scale", shape=(self.features,), initializer="ones", trainable=False)
        self.built = True

    def call(self, tokens: Any) -> Any:
        features, counts = self.count(tokens)
        present = counts > 0
        frequency = tf.cast(present, tf.float32) if self.presence else 1 + tf.math.log(tf.maximum(counts, 1.0))
        weights = tf.where(present, frequency * tf.gather(self.scale, features), 0.0)
        norm = tf.sqrt(tf.reduce_sum(tf.square(weights), axis=1, keepdims=True))
        return features, tf.math.divide_no_nan(weights, norm)

    def count(self, tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns features int32 [batch, n] and their occurrences float32 [batch, n], 0 where a feature is repeated."""
        found = tf.sort(self._features(tokens), axis=1)
        place = tf.range(tf.shape(found)[1])
        ends = tf.searchsorted(found, found, side="right")
        first = tf.concat([tf.ones_like(found[:, :1], tf.bool), found[:, 1:] != found[:, :-1]], axis=1)
        is_word = found >= FIRST_ID
        return found, tf.cast(tf.where(first & is_word, ends - place, 0), tf.float32)

    def _features(self, tokens: tf.Tensor) -> tf.Tensor:
        """Returns the feature of each n-gram: int32 [batch, n], in the order of the text; 0 where it has no n-gram."""
        found, words, hashed = [tokens], tokens >= FIRST_ID, tf.cast(tokens, tf.int64)
        number = tf.cumsum(tf.cast(words, tf.int32), axis=1)
        for index, lead in enumerate(self.leads, start=1):
            found.append(tf.where(words & (number <= lead), tokens + index * self.vocabulary_size, 0))
        whole = words
        for length in range(2, self.ngrams + 1):
            last = tf.cast(tokens[:, length - 1 :], tf.int64)
            hashed = tf.math.floormod(hashed[:, :-1] * MULTIPLIER + last, PRIME)
            whole = whole[:, :-1] & words[:, length - 1 :]
            feature = self.words + tf.cast(tf.math.floormod(hashed, self.buckets), tf.int32)
            found.append(tf.where(whole, feature, 0))
        return tf.concat(found, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        length = input_shape[1]
        shorter = [0] * len(self.leads) + list(range(self.ngrams))
        n = None if length is None else sum(max(length - less, 0) for less in shorter)
        return (input_shape[0], n), (input_shape[0], n)

    def compute_output_spec(self, tokens: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        shape, _ = self.compute_output_shape(tokens.shape)
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "float32")

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("vocabulary_size", "ngrams", "buckets", "leads", "presence")}
        return {**super().get_config(), **own}
