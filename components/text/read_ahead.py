"""How many threads and buffers a tf.data pipeline has: fixed numbers, without TensorFlow's tuner. Imports TensorFlow.

The tuner (tf.data.AUTOTUNE) runs in a separate thread until the data set is deleted. It takes time from the training,
and the deletion waits for it: up to 46 s on IMDB with two cores.
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
