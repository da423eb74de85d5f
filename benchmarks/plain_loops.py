"""Training loops as a tutorial writes them, and the least time that any loop needs (the floor)."""

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.text.arrays import Split

BATCH = 32

Batch = tuple[tf.Tensor, tf.Tensor]


def dataset(split: Split) -> tf.data.Dataset:
    """Returns the input pipeline of a tutorial: slices, cached, shuffled, batched and prefetched."""
    slices = tf.data.Dataset.from_tensor_slices((split.tokens, split.labels))
    return slices.cache().shuffle(len(split.labels), seed=1).batch(BATCH).prefetch(tf.data.AUTOTUNE)


def compiled(model: keras.Model) -> keras.Model:
    top_5 = keras.metrics.SparseTopKCategoricalAccuracy(5, name="top_5_accuracy")
    model.compile(
        keras.optimizers.Nadam(0.001), "sparse_categorical_crossentropy", metrics=["accuracy", top_5], jit_compile=False
    )
    return model


def plain_fit(model: keras.Model, split: Split, epochs: int) -> list[float]:
    """Returns the seconds of each epoch."""
    seconds: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            seconds.append(-time.perf_counter())

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seconds[-1] += time.perf_counter()

    compiled(model).fit(dataset(split), epochs=epochs, callbacks=[Clock()], verbose=0)
    return seconds


def plain_train_on_batch(model: keras.Model, split: Split, epochs: int) -> list[float]:
    """Returns the seconds of each epoch."""
    data = dataset(split)
    compiled(model)
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        for tokens, labels in data:
            model.train_on_batch(tokens, labels)
        seconds.append(time.perf_counter() - start)
    return seconds


def plain_custom(model: keras.Model, split: Split, epochs: int) -> list[float]:
    """Returns the seconds of each epoch."""
    data = dataset(split)
    loss_fn, optimizer = keras.losses.SparseCategoricalCrossentropy(), keras.optimizers.Nadam(0.001)
    metrics = [keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy(),
               keras.metrics.SparseTopKCategoricalAccuracy(5)]  # fmt: skip
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(tokens: tf.Tensor, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            probabilities = model(tokens, training=True)
            loss = loss_fn(labels, probabilities)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        metrics[0].update_state(loss, sample_weight=tf.shape(labels)[0])
        for metric in metrics[1:]:
            metric.update_state(labels, probabilities)

    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        for metric in metrics:
            metric.reset_state()
        for tokens, labels in data:
            step(tokens, labels)
        for metric in metrics:
            float(metric.result())
        seconds.append(time.perf_counter() - start)
    return seconds


def floor(model: keras.Model, split: Split, epochs: int) -> list[float]:
    """Returns the seconds of each epoch of pure computation: one batch, no input, no metrics, one graph."""
    tokens, labels = tf.constant(split.tokens[:BATCH]), tf.constant(split.labels[:BATCH])
    return _bare(model, split, epochs, lambda _: (tokens, labels))


def floor_of_batches(model: keras.Model, split: Split, epochs: int) -> list[float]:
    """Like `floor`, but with a new batch each step, so that it uses many rows of the embedding, as training does."""
    tokens, labels = tf.constant(split.tokens), tf.constant(split.labels)
    order = tf.constant(np.random.RandomState(0).permutation(len(split.labels)))

    def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        rows = order[step * BATCH : (step + 1) * BATCH]
        return tf.gather(tokens, rows), tf.gather(labels, rows)

    return _bare(model, split, epochs, batch)


def _bare(model: keras.Model, split: Split, epochs: int, batch: Callable[[tf.Tensor], Batch]) -> list[float]:
    loss_fn, optimizer = keras.losses.SparseCategoricalCrossentropy(), keras.optimizers.Nadam(0.001)
    optimizer.build(model.trainable_variables)
    steps = int(np.ceil(len(split.labels) / BATCH))

    @tf.function
    def epoch() -> None:
        for step in tf.range(steps):
            tokens, labels = batch(step)
            with tf.GradientTape() as tape:
                loss = loss_fn(labels, model(tokens, training=True))
            gradients = tape.gradient(loss, model.trainable_weights)
            optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))

    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        epoch()
        float(optimizer.iterations)  # waits for the last step
        seconds.append(time.perf_counter() - start)
    return seconds
