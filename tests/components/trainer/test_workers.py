"""Training on several workers: the training of one worker up to rounding, equal bits every time, and clean ends."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import psutil
import pytest

from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.data import InMemory, Splits
from components.trainer.fit_wide import WideFit
from components.trainer.reporting import Reporter
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from components.trainer.train import train
from components.trainer.workers.processes import PROGRAM
from pipeline.core.errors import PipelineError
from tests.support import tiny

TOLERANCE = 1e-5
"""Highest difference of a weight or a metric after two epochs. Weights are of the order of 0.1."""

CASES: list[tuple[str, int, int, dict[str, Any]]] = [
    ("subclass", 2, 2, {"dropout": 0.3, "class_weights": "balanced", "average_weights": 0.8}),
    ("functional", 6, 3, {"dropout": 0.5, "label_smoothing": 0.1, "loop_style": "train_on_batch"}),
    ("sequential", 6, 4, {"batch_size": 6, "dropout": 0.3, "loop_style": "custom"}),
]
"""Build style, classes, workers and settings. With a batch of 6, four workers have 2, 2, 2 and 0 examples."""

AROUND: list[tuple[str, int, dict[str, Any]]] = [
    ("sequential", 6, {"wide": "auto", "layers_len": 40, "dropout": 0.4, "calibration": "temperature"}),
    ("subclass", 2, {"wide": "auto", "average_weights": 0.8, "label_smoothing": 0.1}),
]
"""Build style, classes, and settings of a model with a wide branch."""

Trained = tuple[keras.Model, Progress]


@pytest.fixture(scope="module")
def fit_on_two(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return tiny.train_tiny(tmp_path_factory.mktemp("two"), workers=2)


def assert_close(trained: Trained, reference: Trained) -> None:
    (model, progress), (expected, expected_progress) = trained, reference
    for weights, others in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(weights, others, atol=TOLERANCE, rtol=0)
    for epoch, other in zip(progress.history, expected_progress.history, strict=True):
        assert epoch == pytest.approx(other, abs=TOLERANCE)


def running() -> list[psutil.Process]:
    """The workers that this process has started, in their order."""
    children = psutil.Process().children(recursive=True)
    found = [child for child in children if PROGRAM in child.cmdline()]
    return sorted(found, key=lambda child: child.cmdline()[-1])


def test_two_workers_train_the_weights_of_one(fit_on_two: Trained, tmp_path: Path) -> None:
    assert_close(fit_on_two, tiny.train_tiny(tmp_path / "one"))
    assert running() == []


def test_one_worker_is_not_in_the_specs_and_two_are() -> None:
    assert "workers" not in TrainerSettings().training()
    assert TrainerSettings(workers=2).training()["workers"] == 2
    assert TrainerSettings(workers=2).parameters["workers"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("loop_style", LOOP_STYLES)
def test_every_loop_trains_the_same_bits_on_two_workers_every_time(
    loop_style: str, fit_on_two: Trained, tmp_path: Path
) -> None:
    model, progress = tiny.train_tiny(tmp_path / "again", workers=2, loop_style=loop_style)
    assert weights_sha256(model) == weights_sha256(fit_on_two[0])
    assert progress.history == fit_on_two[1].history


@pytest.mark.slow
@pytest.mark.parametrize(("build_style", "classes", "workers", "settings"), CASES)
def test_workers_train_the_weights_of_one(
    build_style: str, classes: int, workers: int, settings: dict[str, Any], tmp_path: Path
) -> None:
    one = tiny.train_tiny(tmp_path / "one", build_style, classes, **settings)
    assert_close(tiny.train_tiny(tmp_path / "more", build_style, classes, workers=workers, **settings), one)


@pytest.mark.slow
@pytest.mark.parametrize(("build_style", "classes", "form"), AROUND)
def test_workers_train_a_wide_branch_and_features_as_one_does(
    build_style: str, classes: int, form: dict[str, Any], tmp_path: Path
) -> None:
    trained = []
    for workers in (1, 2):
        (resume := tmp_path / str(workers)).mkdir()
        spec = TrainerSettings(build_style=build_style, epochs=2, learning_rate=0.01, workers=workers, **form)
        data = Splits(
            InMemory(tiny.make_split(70, classes, features=3), spec.batch_size, spec.seed),
            InMemory(tiny.make_split(21, classes, seed=1, features=3), 256, 0, shuffled=False),
        )
        sizes = {"vocabulary_size": tiny.VOCABULARY, "max_len": tiny.MAX_LEN, "classes": classes, "features": 3}
        model = ModelSpec.of(spec, **sizes)
        wide = WideFit(model, data, spec.seed, 2**30, lambda _: None)
        trained.append(train(model, spec, data, resume, Reporter(lambda _: None), [wide.before]))
    assert_close(trained[1], trained[0])


@pytest.mark.slow
@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_dies_ends_the_training_which_resumes(index: int, fit_on_two: Trained, tmp_path: Path) -> None:
    killed: list[float] = []

    def kill_after_an_epoch(line: str) -> None:
        if "epoch 1/2" in line and not killed:
            killed.append(time.monotonic())
            os.kill(running()[index].pid, signal.SIGKILL)

    with pytest.raises(PipelineError, match=f"^worker {index} of 2 was ended by SIGKILL.*; run the same command again"):
        tiny.train_tiny(tmp_path / "r", workers=2, log=kill_after_an_epoch)
    assert time.monotonic() - killed[0] < 10
    assert running() == []
    lines: list[str] = []
    model, progress = tiny.train_tiny(tmp_path / "r", workers=2, log=lines.append)
    assert lines[0] == "resuming an interrupted run after epoch 1"
    assert weights_sha256(model) == weights_sha256(fit_on_two[0])
    assert progress.history == fit_on_two[1].history


@pytest.mark.slow
def test_a_loss_that_diverges_has_the_message_of_one_worker(tmp_path: Path) -> None:
    messages = []
    for workers in (1, 2):
        with pytest.raises(PipelineError) as caught:
            tiny.train_tiny(tmp_path / str(workers), workers=workers, learning_rate=10.0, epochs=9, initialize=[spoil])
        messages.append(str(caught.value))
    assert messages[0].startswith("the loss became NaN or infinite in step 1 of 3 of epoch 1")
    assert messages[1] == messages[0]


def spoil(model: keras.Model) -> None:
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
