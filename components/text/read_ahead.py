"""How many threads and buffers a tf.data pipeline has: fixed numbers, without TensorFlow's tuner. Imports TensorFlow.

The tuner (tf.data.AUTOTUNE) computes in a thread of its own for as long as a data set lives. On two cores it takes time
from the training, and the data set cannot end before it: on IMDB that took up to 46 s.
"""

import tensorflow as tf

PARALLEL_CALLS = 2
"""Batches that are parsed at the same time."""

BATCHES = 8
"""Batches that are ready before the model asks for them."""


def read_ahead(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Returns `dataset`, which prepares the next BATCHES elements and is not tuned."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(BATCHES).with_options(options)
