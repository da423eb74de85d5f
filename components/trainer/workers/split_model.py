"""A model that computes its part of every batch, and gets the answers for the other parts from the other workers."""

from typing import Any

import keras
import tensorflow as tf

from components.trainer.data import gather
from components.trainer.workers.group import Group


class SplitModel(keras.Model):
    """The answers of `model` for a complete batch. Its weights are the weights of `model`.

    Worker i of n computes the i-th of n parts of equal length. The last parts may be filled up with the last example,
    whose additional answers are dropped. So the loss, the metrics, and the loop are the same as with one worker.
    """

    def __init__(self, model: keras.Model, group: Group) -> None:
        super().__init__(name=model.name)
        self.model, self.group = model, group
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                self._draw_for_batch(layer)
        self.rows: Any = None
        self.examples: Any = None
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> tf.Tensor:
        """`training`: Keras passes it to the layers."""
        self.examples = tf.shape(tf.nest.flatten(inputs)[0])[0]
        part = -(-self.examples // self.group.workers)
        self.rows = tf.minimum(self.group.index * part + tf.range(part), self.examples - 1)
        answers = self.model(gather(inputs, self.rows), training=training)
        logits = _logits(answers)
        if logits is None:
            return self.group.gather(answers)[: self.examples]
        # Keras computes the loss from the logits of the last operation, which is more exact.
        last = keras.activations.sigmoid if answers.shape[1] == 1 else keras.activations.softmax
        return last(self.group.gather(logits)[: self.examples])

    def _draw_for_batch(self, layer: Any) -> None:
        """Makes a Dropout layer draw the numbers of the complete batch, as one worker does, and use its part."""
        whole = layer.call

        def call(inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            if not training or not layer.rate:
                return inputs
            ones = tf.ones([self.examples, *inputs.shape[1:]], inputs.dtype)
            return inputs * tf.gather(whole(ones, training=True), self.rows)

        layer.call = call


def _logits(answers: Any) -> tf.Tensor | None:
    """Returns the input of the last operation if it is the sigmoid or softmax of the head; None otherwise."""
    known = getattr(answers, "_keras_logits", None)
    if known is not None:
        return known
    return answers.op.inputs[0] if answers.op.type in ("Softmax", "Sigmoid") else None
