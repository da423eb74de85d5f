"""Top-5 accuracy is measured only where it can be below 1."""

import keras
import pytest

from components.trainer.metrics import make_loss_and_metrics, meaningful


@pytest.mark.parametrize(("classes", "last"), [(2, "auc"), (3, "accuracy"), (5, "accuracy"), (6, "top_5_accuracy")])
def test_metrics_by_the_number_of_classes(classes: int, last: str) -> None:
    _, metrics = make_loss_and_metrics(classes == 2, keras.Variable(0, dtype="int64"))
    assert meaningful(metrics, classes)[-1].name == last
