"""Makes TensorFlow deterministic: sets threads and op determinism before the first TensorFlow operation."""

import gc

from components.shared.tensorflow_alone import import_tensorflow

THREADS = 2
"""Threads within and between operations. Their number sets the order of sums, and so the last digits of results."""

GARBAGE = 4_000
"""New objects after which Python collects garbage. With its default, 700, collections took 1.1 seconds of CPU in
a run of Reuters; with this and with larger numbers 0.4."""


def configure() -> None:
    """Configures TensorFlow to give exactly the same results on every run. Later calls change nothing.

    Every component that uses TensorFlow calls this first, because TensorFlow refuses these settings after its first
    operation. Raises RuntimeError if an operation has run before.
    """
    import_tensorflow()
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() != THREADS:
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
        gc.set_threshold(GARBAGE)
    tf.config.experimental.enable_op_determinism()
