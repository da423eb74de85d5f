"""Pins what decides TensorFlow's bits: threads and op determinism. Called before the first TensorFlow operation."""

import gc
import os

THREADS = 2
"""Threads within and between operations. Their number decides the order of sums and so the last bits."""


def configure() -> None:
    """Sets TensorFlow up for the same bits on every run; further calls change nothing.

    Every component that computes with TensorFlow calls it first, whichever of them comes first in the process: it
    refuses to be set up after its first operation. Raises RuntimeError if something else has used it before.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() != THREADS:
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
        # What is imported stays: or the collector walks over 400,000 objects of TensorFlow's and Beam's each time.
        gc.freeze()
    tf.config.experimental.enable_op_determinism()
