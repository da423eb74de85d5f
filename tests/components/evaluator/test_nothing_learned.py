"""A model that is not better than always guessing one class is named, with the flags that help."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from components.evaluator.evaluate import Evaluation
from components.metrics.scored import Scored


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (0.5, "accuracy 0.500 is not significantly above the 0.500 of always guessing 'no'"),
        (0.52, "accuracy 0.520 is not significantly above the 0.500 of always guessing 'no'"),
        (0.1, "accuracy 0.100 is not significantly above the 0.500 of always guessing 'no'"),
        (0.7, ""),
        (1.0, ""),
    ],
)
def test_a_model_that_learned_nothing(right: float, expected: str) -> None:
    labels = np.arange(200, dtype=np.int32) % 2
    correct = np.arange(200) < 200 * right
    p = np.full((200, 2), 0.1)
    p[np.arange(200), np.where(correct, labels, 1 - labels)] = 0.9
    evaluation = cast(Any, SimpleNamespace(scored=Scored(labels, p), data=SimpleNamespace(names=["no", "yes"])))
    advice = "; try another --learning_rate, more --epochs or another --max_len"
    assert Evaluation._nothing_learned(evaluation) == (expected and f"nothing learned: {expected}{advice}")
