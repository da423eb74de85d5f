"""The TensorFlow graph that reads unknown words as their parts: their sequences of 2 to 5 characters."""

import tensorflow as tf

from components.text.character_ngrams import sequences
from components.text.transform_graph import OUT_OF_VOCABULARY, PART_MARK

LONGEST = 100
"""The characters of a word that have parts, so that a text of one long word needs little memory."""


def parts_of(words: tf.Tensor) -> tf.RaggedTensor:
    """Takes `words`: string [n]. Returns their parts: string [n, (parts)]. `##` marks them, as in WordPiece."""
    found = sequences(tf.strings.substr(words, 0, LONGEST, unit="UTF8_CHAR"))
    return found.with_values(tf.strings.join([PART_MARK, found.values]))


def replace_unknown(words: tf.RaggedTensor, table: tf.lookup.StaticHashTable) -> tf.RaggedTensor:
    """Takes `words`: string [n, (words)]. Returns int32 [n, (ids)]: of a word that `table` has one id, else its parts.

    Parts that the table does not have are left out. A word without any part that it has is OUT_OF_VOCABULARY.
    """
    ids = table.lookup(words.values)
    unknown = tf.where(ids == OUT_OF_VOCABULARY)[:, 0]
    parts = parts_of(tf.gather(words.values, unknown))
    part_ids = table.lookup(parts.values)
    known = part_ids != OUT_OF_VOCABULARY
    owners = tf.boolean_mask(tf.gather(unknown, parts.value_rowids()), known)
    has_parts = tf.scatter_nd(owners[:, None], tf.ones_like(owners), tf.shape(ids, tf.int64)) > 0
    whole = tf.where(~has_parts)[:, 0]
    places = tf.concat([whole, owners], axis=0)
    order = tf.argsort(places, stable=True)
    found = tf.gather(tf.concat([tf.gather(ids, whole), tf.boolean_mask(part_ids, known)], axis=0), order)
    texts = tf.gather(words.value_rowids(), tf.gather(places, order))
    return tf.RaggedTensor.from_value_rowids(found, texts, nrows=words.nrows())
