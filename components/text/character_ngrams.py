"""The TensorFlow graph that turns words into sequences of characters, for compounds and inflected words."""

import tensorflow as tf

from components.text.unicode_words import SEPARATORS

LENGTHS = (2, 3, 4, 5)
"""The lengths of the sequences in characters, as many as in scikit-learn's usual example of `char_wb`."""

EDGE = "_"
"""Marks the beginning and the end of a word. No word has this character, because it is punctuation."""


def character_ngrams(texts: tf.Tensor) -> tf.Tensor:
    """Takes `texts`: string [n], words between SEPARATORS. Returns string [n]: sequences of characters between U+0020.

    For `go`: `_g go o_ _go go_ _go_`.
    """
    pieces = tf.raw_ops.StringSplit(input=texts, delimiter=SEPARATORS, skip_empty=True)
    found = sequences(pieces.values)
    owners = tf.gather(pieces.indices[:, 0], found.value_rowids())
    return tf.strings.unsorted_segment_join(found.values, owners, tf.size(texts), " ")


def sequences(words: tf.Tensor) -> tf.RaggedTensor:
    """Takes `words`: string [n]. Returns string [n, (sequences)]: of each word, by their length, then their place."""
    characters = tf.strings.unicode_split(tf.strings.join([EDGE, words, EDGE]), "UTF-8")
    return tf.strings.ngrams(characters, LENGTHS, separator="")
