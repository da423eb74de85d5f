"""Batches of examples for every loop, from memory or streamed from the shards.

The order of the examples depends only on the seed and the epoch, so that every loop sees the same batches.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.text.arrays import Inputs, Split
from components.text.input_fn import make_dataset, read_batches, split_files
from components.text.read_ahead import read_ahead
from schemas.artifacts.examples import TransformedExamples

VALIDATION_BATCH = 256
"""Examples per validation batch, the same in all loops. Larger than a training batch, because that is faster."""

READ_BATCH = 1024
"""Examples that are read together to count their labels."""

Batch = tuple[Any, tf.Tensor]
"""Inputs as tensors, and labels."""

Arrays = tuple[Inputs, NDArray[np.int32]]


def take(inputs: Inputs, rows: Any) -> Inputs:
    """Returns some rows of the inputs. `rows`: an index, such as an array or a slice."""
    return (inputs[0][rows], inputs[1][rows]) if isinstance(inputs, tuple) else inputs[rows]


def gather(inputs: Any, rows: tf.Tensor) -> Any:
    """Returns some rows of the inputs as tensors."""
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), inputs)


def tokens_of(inputs: Any) -> Any:
    """Returns the tokens of the inputs."""
    return inputs[0] if isinstance(inputs, tuple) else inputs


class Data(Protocol):
    """A split in batches of (inputs, labels int32 [batch]), in an order that the epoch sets.

    Inputs are tokens int32 [batch, max_len], or (tokens, features float32 [batch, width]) if the data have features.
    """

    batch_size: int
    examples: int

    @property
    def steps(self) -> int:
        """Batches per epoch. The last batch may be smaller."""

    def batches(self, epoch: int) -> Iterator[Arrays]:
        """Yields the batches of an epoch as arrays. Epochs count from 1."""

    def dataset(self, first_epoch: int, last_epoch: int) -> tf.data.Dataset:
        """Returns the batches of several epochs, one epoch directly after the other."""

    def label_counts(self, classes: int) -> NDArray[np.int64]:
        """Returns the number of examples of each class, in label order: int64 [classes]."""


@dataclass(frozen=True)
class Splits:
    """The data to train on, and the data for the metrics of each epoch."""

    train: Data
    validation: Data
    how: str = "memory"
    """`memory`, or how the data are streamed. That sets the order of the examples and so the weights."""


class InMemory:
    """A split in memory as two arrays, from which batches are gathered.

    Gathering a batch of 32 takes a tenth of the time of parsing it. `shuffled`: in a new order in each epoch;
    otherwise in id order.
    """

    def __init__(self, split: Split, batch_size: int, seed: int, shuffled: bool = True) -> None:
        self.split, self.batch_size, self.seed, self.shuffled = split, batch_size, seed, shuffled
        self.examples = len(split.labels)

    @property
    def steps(self) -> int:
        return math.ceil(self.examples / self.batch_size)

    def order(self, epoch: int) -> NDArray[np.int32]:
        """Returns the order of the examples in an epoch: int32 [examples], the same in every loop and process."""
        if not self.shuffled:
            return np.arange(self.examples, dtype=np.int32)
        # NumPy guarantees the random numbers of RandomState for ever. Those of its newer generators may change.
        return np.random.RandomState([self.seed, epoch]).permutation(self.examples).astype(np.int32)

    def tensors(self) -> Batch:
        """Returns all inputs and labels int32 [examples], in id order."""
        return tf.nest.map_structure(tf.constant, self.split.inputs), tf.constant(self.split.labels)

    def batches(self, epoch: int) -> Iterator[Arrays]:
        order = self.order(epoch)
        for start in range(0, self.examples, self.batch_size):
            rows = order[start : start + self.batch_size]
            yield take(self.split.inputs, rows), self.split.labels[rows]

    def dataset(self, first_epoch: int, last_epoch: int) -> tf.data.Dataset:
        inputs, labels = self.tensors()
        epochs = last_epoch - first_epoch + 1
        if not self.shuffled:  # the same batches, which TensorFlow prepares faster than with `orders`
            every = tf.data.Dataset.from_tensor_slices((inputs, labels))
            return read_ahead(every.batch(self.batch_size).repeat(epochs))

        def orders() -> Iterator[NDArray[np.int32]]:
            return (self.order(epoch) for epoch in range(first_epoch, last_epoch + 1))

        @tf.autograph.experimental.do_not_convert
        def in_batches(order: tf.Tensor) -> tf.data.Dataset:
            return tf.data.Dataset.from_tensor_slices(order).batch(self.batch_size)

        @tf.autograph.experimental.do_not_convert
        def batch(rows: tf.Tensor) -> Batch:
            return gather(inputs, rows), tf.gather(labels, rows)

        rows = tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec([self.examples], tf.int32))
        gathered = rows.flat_map(in_batches).map(batch)
        return read_ahead(gathered.apply(tf.data.experimental.assert_cardinality(self.steps * epochs)))

    def label_counts(self, classes: int) -> NDArray[np.int64]:
        return np.bincount(self.split.labels, minlength=classes)


class Streamed:
    """A split that is read again in every epoch, in constant memory, and shuffled in a buffer of `window` examples."""

    def __init__(
        self,
        transformed: TransformedExamples,
        split: str,
        batch_size: int,
        seed: int,
        window: int,
        shuffled: bool = True,
    ) -> None:
        self.transformed, self.split, self.window, self.shuffled = transformed, split, window, shuffled
        self.batch_size, self.seed = batch_size, seed
        self.examples = int(transformed.properties[f"{split}_examples"])

    @property
    def steps(self) -> int:
        return math.ceil(self.examples / self.batch_size)

    def batches(self, epoch: int) -> Iterator[Arrays]:
        return iter(self.dataset(epoch, epoch).as_numpy_iterator())

    def dataset(self, first_epoch: int, last_epoch: int) -> tf.data.Dataset:
        epochs = range(first_epoch, last_epoch + 1)
        seeds = [np.random.RandomState([self.seed, epoch]).randint(2**31) for epoch in epochs]
        batches = make_dataset(
            self.transformed, self.split, self.batch_size, seeds, window=self.window, shuffle=self.shuffled
        )
        return batches.apply(tf.data.experimental.assert_cardinality(self.steps * len(epochs)))

    def label_counts(self, classes: int) -> NDArray[np.int64]:
        counts = np.zeros(classes, np.int64)
        files = split_files(self.transformed, self.split)
        for batch in read_batches(self.transformed, self.split, files, READ_BATCH):
            counts += np.bincount(batch.labels, minlength=classes)
        return counts
