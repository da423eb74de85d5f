"""What a worker asks of all workers together, as TensorFlow operations: sums and rows. Imports TensorFlow.

The collective operations of TensorFlow are not used: their servers listen on every network interface and ask for no
password (docs/explanation/workers.md).
"""

import hashlib
import socket
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.trainer.workers.wire import ROWS, SAME, SUM, receive, send
from pipeline.core.errors import PipelineError


class Group:
    """The workers of a training, seen by one of them."""

    def __init__(self, link: socket.socket, index: int, workers: int) -> None:
        """`link`: a connection to the component; `index`: the number of this worker, from 0."""
        self.link, self.index, self.workers = link, index, workers

    def sum(self, gradients: Sequence[Any]) -> list[Any]:
        """Returns the sums of the gradients of all workers.

        The sum of sparse gradients, as an embedding has them, is sparse too: Nadam squares each of their rows.
        """
        dense = [gradient for gradient in gradients if not isinstance(gradient, tf.IndexedSlices)]
        flat = tf.concat([tf.reshape(gradient, [-1]) for gradient in dense], axis=0)  # one exchange for all of them
        sizes = [gradient.shape.num_elements() for gradient in dense]
        parts = iter(tf.split(tf.ensure_shape(self._ask(SUM, flat), flat.shape), sizes))
        return [
            self._sum_of_slices(gradient)
            if isinstance(gradient, tf.IndexedSlices)
            else tf.reshape(next(parts), gradient.shape)
            for gradient in gradients
        ]

    def _sum_of_slices(self, part: tf.IndexedSlices) -> tf.IndexedSlices:
        values = tf.reshape(self._ask(ROWS, part.values), [-1, *part.values.shape[1:]])
        return tf.IndexedSlices(values, self._ask(ROWS, part.indices), part.dense_shape)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the rows of all workers, in their order: float32 [n, width] → [workers * n, width].

        Each worker computes the same loss from all rows, so the gradient of its rows is its part of their gradient.
        """

        @tf.custom_gradient
        def gathered(rows: tf.Tensor) -> tuple[tf.Tensor, Any]:
            count, width = tf.shape(rows)[0], rows.shape[1]
            every = tf.reshape(self._ask(ROWS, rows), [-1, width])
            return every, lambda upstream: upstream[self.index * count : (self.index + 1) * count]

        return gathered(rows)

    def check_same(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Raises PipelineError if another worker has other arrays."""
        digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).digest()
        send(self.link, SAME, digest)
        if not any(receive(self.link)[1]):
            raise PipelineError(
                "the workers have different weights after an epoch: a layer changes weights that are not trained, from "
                "its part of the batch, or the workers have different processors; use --workers=1"
            )

    def _ask(self, kind: bytes, tensor: tf.Tensor) -> tf.Tensor:
        """Returns what the component answers, as a vector of the same type."""

        def ask(array: NDArray[Any]) -> NDArray[Any]:
            send(self.link, kind, np.ascontiguousarray(array))
            return np.frombuffer(receive(self.link)[1], array.dtype)

        answer = tf.numpy_function(ask, [tensor], tensor.dtype)
        return tf.ensure_shape(answer, [None])
