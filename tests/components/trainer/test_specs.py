"""The ranges of the settings. A value out of range is refused with its message before the run."""

from typing import Any

import pytest

from components.trainer.reporting import epoch_line
from components.trainer.settings import TrainerSettings
from pipeline.core.errors import ConfigError


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"build_style": "sequentail"}, "build_style: unknown value 'sequentail'; did you mean 'sequential'?"),
        ({"loop_style": "fitt"}, "loop_style: unknown value 'fitt'; did you mean 'fit'?"),
        ({"validate_on": "tests"}, "validate_on: unknown value 'tests'; did you mean 'test'?"),
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"batch_size": -1}, "batch_size must be at least 1, got -1"),
        ({"patience": -1}, "patience must be at least 0, got -1"),
        ({"min_delta": -0.1}, "min_delta must be at least 0, got -0.1"),
        ({"memory_budget_mb": -1}, "memory_budget_mb must be at least 0, got -1"),
        ({"seed": -1}, "seed must be at least 0 and at most 2,147,483,647, got -1"),
        ({"label_smoothing": 1.0}, "label_smoothing must be at least 0 and below 1, got 1.0"),
        ({"average_weights": 1.0}, "average_weights must be at least 0 and below 1, got 1.0"),
        ({"class_weights": "balance"}, "class_weights: unknown value 'balance'; did you mean 'balanced'?"),
        ({"pooling": "average"}, "pooling: unknown value 'average'; one of: flatten, max, mean, published"),
        ({"kernels": (3,), "filters": (8, -4)}, "filters must be at least 1 and at most 4,096, got -4"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0 and at most 10, got nan"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0 and at most 10, got 0.0"),
        ({"learning_rate": float("inf")}, "learning_rate must be above 0 and at most 10, got inf"),
        ({"target_precision": -0.1}, "target_precision must be at least 0 and below 1, got -0.1"),
        ({"target_precision": 1.0}, "target_precision must be at least 0 and below 1, got 1.0"),
        ({"target_precision": float("nan")}, "target_precision must be at least 0 and below 1, got nan"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"workers": 5, "batch_size": 4},
         "workers=5 is more than the 4 examples of a batch; lower --workers or raise --batch_size"),
        ({"calibration": "isotonic"}, "calibration: unknown value 'isotonic'; one of: none, temperature"),
        ({"calibration": "temperature", "validate_on": "test"},
         "calibration=temperature is fitted on the split of validate_on, and the model is measured on test; "
         "use --validate_on=validation with a --validation_fraction above 0, or --calibration=none"),
        ({"target_precision": 0.9, "validate_on": "train"},
         "target_precision=0.9 is fitted on the split of validate_on, and the model is trained on train; "
         "use --validate_on=validation with a --validation_fraction above 0, or --target_precision=0"),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainerSettings(**setting)
    assert str(caught.value) == message


def test_one_learning_rate_rule() -> None:
    settings: dict[str, Any] = {"loop_style": "fit", "epochs": 6, "batch_size": 32, "learning_rate": 0.001}
    constant, halved = TrainerSettings(**settings), TrainerSettings(**settings, lr_halve_epoch=5)
    assert [constant.learning_rate_of(epoch) for epoch in range(1, 7)] == [0.001] * 6
    assert [halved.learning_rate_of(epoch) for epoch in range(1, 7)] == [0.001] * 4 + [0.0005] * 2


def test_the_epoch_line() -> None:
    record = {"epoch": 3, "learning_rate": 0.0005, "loss": 1.5, "accuracy": 0.61, "val_loss": 2, "val_accuracy": 0.5}
    divider, line = epoch_line(record, 10, 7.123, now=0).splitlines()
    assert divider.startswith("──── 19")
    assert len(divider) == 100
    assert line == "epoch  3/10   train loss 1.5000 acc 0.6100   val loss 2.0000 acc 0.5000   7.1 s   lr 0.0005"
