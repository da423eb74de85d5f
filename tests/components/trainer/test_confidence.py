"""After a training: the temperature and the confidence from which the model answers, and that training ignores both."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from components.models.temperature import temperature_of
from components.trainer.confidence import fit_confidence, predict
from components.trainer.data import InMemory
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from schemas.contracts.confidence import Abstention, Calibration, Confidence
from tests.support import tiny

ON: dict[str, Any] = {"calibration": "temperature"}


def validation(classes: int = 6) -> InMemory:
    return InMemory(tiny.make_split(21, classes, seed=1), 256, 0, shuffled=False)


def fitted(model: keras.Model, classes: int = 6, **settings: Any) -> tuple[Confidence | None, list[str]]:
    said: list[str] = []
    return fit_confidence(model, TrainerSettings(**settings), validation(classes), said.append), said


@pytest.mark.parametrize("build_style", tiny.SEQUENTIAL_FAST)
def test_every_loop_gives_the_same_bits(build_style: str, tmp_path: Path) -> None:
    """The training is that of a model without calibration: the same history, and the same weights but for one."""
    plain, history = tiny.train_tiny(tmp_path / "plain", build_style)
    found = set()
    for loop in LOOP_STYLES:
        model, progress = tiny.train_tiny(tmp_path / loop, build_style, loop_style=loop, **ON)
        assert progress.history == history.history
        before = [weight.numpy().tobytes() for weight in model.weights if "temperature" not in weight.path]
        assert before == [weight.numpy().tobytes() for weight in plain.weights]
        fitted(model, **ON)
        found.add(weights_sha256(model))
    assert len(found) == 1
    assert weights_sha256(plain) not in found


@pytest.mark.parametrize("classes", [2, 6])
def test_the_temperature_is_fitted_and_recorded(classes: int, tmp_path: Path) -> None:
    model, _ = tiny.train_tiny(tmp_path / "r", classes=classes, epochs=4, **ON)
    before, labels = predict(model, validation(classes))
    found, said = fitted(model, classes, **ON)
    assert found is not None
    calibration = found.calibration
    assert isinstance(calibration, Calibration)
    variable = temperature_of(model)
    assert variable is not None
    assert calibration.temperature == float(variable.numpy()) != 1
    after, _ = predict(model, validation(classes))
    for p, loss in ((before, calibration.loss_before), (after, calibration.loss)):
        assert loss == pytest.approx(
            log_loss(labels, p / p.sum(1, keepdims=True), labels=range(classes)), rel=1e-5, abs=2e-7
        )
    assert calibration.loss <= calibration.loss_before
    assert (calibration.split, calibration.examples) == ("validation", 21)
    assert said[0].startswith(f"temperature {calibration.temperature:.4f}")
    again, _ = fitted(model, classes, **ON)
    assert again == found  # the temperature of before does not count


@pytest.mark.parametrize("calibration", ["none", "temperature"])
def test_a_threshold_is_chosen_on_the_probabilities_that_are_served(calibration: str, tmp_path: Path) -> None:
    model, _ = tiny.train_tiny(tmp_path / "r", epochs=6, calibration=calibration)
    said: list[str] = []
    data = InMemory(tiny.make_split(600, 6, seed=2), 256, 0, shuffled=False)
    settings = TrainerSettings(calibration=calibration, target_precision=0.3)
    found = fit_confidence(model, settings, data, said.append)
    assert found is not None
    abstention = found.abstention
    assert isinstance(abstention, Abstention)
    p, labels = predict(model, data)
    assert abstention.answers_from is not None
    answered = p.max(axis=1) >= abstention.answers_from
    assert abstention.answered == answered.sum() > 0
    assert abstention.precision == (p.argmax(axis=1) == labels)[answered].mean() > 0.3
    assert len(said) == 1 + (calibration == "temperature")


def test_nothing_is_done_unless_asked(tmp_path: Path) -> None:
    model, _ = tiny.train_tiny(tmp_path / "r", epochs=1)
    digest = weights_sha256(model)
    assert fitted(model) == (None, [])
    assert weights_sha256(model) == digest


def test_the_probabilities_are_those_of_the_model(tmp_path: Path) -> None:
    model, _ = tiny.train_tiny(tmp_path / "r", epochs=1, classes=2)
    p, labels = predict(model, validation(2))
    split = tiny.make_split(21, 2, seed=1)
    assert labels.tolist() == split.labels.tolist()
    np.testing.assert_allclose(p[:, 1:], model.predict(split.tokens, verbose=0), atol=1e-6)
    assert p.sum(axis=1) == pytest.approx(1)
