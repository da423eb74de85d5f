"""Every data set of the trainer and the evaluator reads ahead by fixed numbers, without TensorFlow's tuner."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from components.text.input_fn import load_split, make_dataset
from components.trainer.data import InMemory, Streamed
from schemas.artifacts.examples import TransformedExamples
from tests.components.text.test_input_fn import write_split

MAKE: dict[str, Callable[[TransformedExamples], tf.data.Dataset]] = {
    "in memory": lambda transformed: InMemory(load_split(transformed, "train"), 4, 7).dataset(1, 2),
    "streamed": lambda transformed: Streamed(transformed, "train", 4, 7, window=8).dataset(1, 2),
    "stored by tf.data": lambda transformed: make_dataset(transformed, "train", 4, [7]),
}


@pytest.mark.parametrize("how", MAKE)
def test_data_set_is_not_tuned(how: str, tmp_path: Path) -> None:
    dataset = MAKE[how](write_split(tmp_path))
    assert dataset.options().autotune.enabled is False
    assert [len(labels) for _, labels in dataset.take(5)] == [4] * 5
