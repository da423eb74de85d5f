"""The layer after the convolutions, compared with the layers of Keras."""

from typing import Any

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from components.models.head import make_pooling  # noqa: E402
from tests.support.tiny import model_spec  # noqa: E402

THEIRS: dict[str, Any] = {
    "flatten": keras.layers.Flatten,
    "max": keras.layers.GlobalMaxPooling1D,
    "mean": keras.layers.GlobalAveragePooling1D,
}


@pytest.mark.parametrize("pooling", THEIRS)
def test_pooling_and_its_gradient_are_those_of_keras(pooling: str) -> None:
    x = tf.constant(np.random.RandomState(0).rand(4, 7, 3).astype(np.float32))
    outputs = []
    for layer in (make_pooling(model_spec(pooling=pooling), "pool"), THEIRS[pooling]()):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            total = tf.reduce_sum(y * y)
        assert layer.compute_output_shape((4, 7, 3)) == y.shape
        outputs.append((y.numpy(), tape.gradient(total, x).numpy()))
    for ours, theirs in zip(*outputs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
