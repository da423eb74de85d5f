"""All loop styles are the same training: exactly equal weights and metrics."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from components.models.build import build_model
from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.data import InMemory
from components.trainer.loops import LOOPS
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES
from pipeline.core.errors import PipelineError
from tests.support import tiny

CASES = [("sequential", 2), ("subclass", 6)]
SLOW = [("sequential", 6), ("functional", 6), ("functional", 2), ("subclass", 2)]


def test_every_loop_style_is_implemented() -> None:
    assert sorted(LOOP_STYLES) == sorted(LOOPS)


@pytest.mark.parametrize(
    ("build_style", "classes"), [*CASES, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
)
def test_every_loop_trains_the_same_weights(build_style: str, classes: int, tmp_path: Path) -> None:
    trained = {}
    for loop in LOOP_STYLES:
        model, progress = tiny.train_tiny(tmp_path / loop, build_style, classes, loop_style=loop, lr_halve_epoch=2)
        trained[loop] = weights_sha256(model), progress.history, tiny.saved_state(tmp_path / loop)
    assert trained["train_on_batch"] == trained["fit"]
    assert trained["custom"] == trained["fit"]


@pytest.mark.slow
def test_every_loop_trains_the_same_weights_in_its_own_process() -> None:
    command = [sys.executable, "-m", "components.trainer.self_test"]
    processes = [subprocess.Popen([*command, loop], stdout=subprocess.PIPE, text=True) for loop in LOOP_STYLES]
    printed = {process.communicate()[0] for process in processes}
    assert len(printed) == 1
    assert len(printed.pop().strip()) == 64


@pytest.mark.slow
def test_every_loop_trains_the_same_weights_with_dropout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_dropout(spec: ModelSpec, seed: int) -> keras.Model:
        plain = build_model(spec, seed)
        dropout = keras.layers.Dropout(0.3, seed=seed, name="dropout")
        return keras.Sequential([*plain.layers[:-1], dropout, plain.layers[-1]])

    for module in ("prepare", "train"):
        monkeypatch.setattr(f"components.trainer.{module}.build_model", with_dropout)
    trained = []
    for loop in LOOP_STYLES:
        model, progress = tiny.train_tiny(tmp_path / loop, loop_style=loop)
        trained.append((weights_sha256(model), progress.history, tiny.saved_state(tmp_path / loop)))
    assert trained[0] == trained[1] == trained[2]
    plain = tiny.train_tiny(tmp_path / "again", loop_style="fit")
    assert plain[1].history == trained[0][1]  # the metrics are reproducible


def test_the_weights_equal_those_of_plain_keras(tmp_path: Path) -> None:
    """An independent implementation: `model.fit` on arrays in the epoch's order, with the loss of Keras."""
    ours, progress = tiny.train_tiny(tmp_path / "ours", loop_style="custom")
    model = build_model(tiny.model_spec(), seed=7)
    optimizer = keras.optimizers.Nadam(0.01)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    split = tiny.make_split(70, 6)
    accuracies = []
    for epoch in (1, 2):
        order = InMemory(split, 32, seed=7).order(epoch)
        history = model.fit(split.tokens[order], split.labels[order], batch_size=32, shuffle=False, verbose=0)
        accuracies += history.history["accuracy"]
    assert weights_sha256(model) == weights_sha256(ours)
    assert accuracies == [epoch["accuracy"] for epoch in progress.history]


@pytest.mark.parametrize("loop", LOOP_STYLES)
def test_the_history_has_the_metrics_of_the_weights(loop: str, tmp_path: Path) -> None:
    """Computes the validation metrics of the last epoch from its weights."""
    model, progress = tiny.train_tiny(tmp_path / "r", loop_style=loop, epochs=3)
    validation = tiny.make_split(21, 6, seed=1)
    p = model.predict(validation.tokens, verbose=0)
    last = progress.history[-1]
    own = p[np.arange(21), validation.labels]
    assert list(last) == ["epoch", "learning_rate", "loss", "accuracy", "top_5_accuracy",
                          "val_loss", "val_accuracy", "val_top_5_accuracy"]  # fmt: skip
    assert last["val_accuracy"] == pytest.approx((p.argmax(axis=1) == validation.labels).mean(), abs=1e-7)
    assert last["val_loss"] == pytest.approx(-np.log(own).mean(), rel=1e-5)
    assert last["val_top_5_accuracy"] == pytest.approx(((p > own[:, None]).sum(axis=1) < 5).mean(), abs=1e-7)
    assert [epoch["epoch"] for epoch in progress.history] == [1, 2, 3]


class Killed(BaseException):
    """Stands for anything that ends a process."""


@pytest.mark.parametrize("loop", tiny.FIT_FAST)
def test_an_interrupted_training_resumes_to_the_same_weights(loop: str, tmp_path: Path) -> None:
    uninterrupted, progress = tiny.train_tiny(tmp_path / "whole", loop_style=loop, epochs=4)
    said: list[str] = []

    def die_after_two(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise Killed

    with pytest.raises(Killed):
        tiny.train_tiny(tmp_path / "cut", loop_style=loop, epochs=4, log=die_after_two)
    resumed, later = tiny.train_tiny(tmp_path / "cut", loop_style=loop, epochs=4, log=said.append)
    assert said[2] == "resuming an interrupted run after epoch 2"
    assert len(said) == 5  # epochs 3 and 4 follow
    assert later.history == progress.history
    assert weights_sha256(resumed) == weights_sha256(uninterrupted)
    assert tiny.saved_state(tmp_path / "cut") == tiny.saved_state(tmp_path / "whole")


@pytest.mark.parametrize("loop", tiny.FIT_FAST)
def test_patience_stops_and_keeps_the_best_epoch(loop: str, tmp_path: Path) -> None:
    said: list[str] = []
    settings: dict[str, Any] = {"loop_style": loop, "epochs": 30, "learning_rate": 0.05, "patience": 2}
    model, progress = tiny.train_tiny(tmp_path / "r", log=said.append, **settings)
    losses = [epoch["val_loss"] for epoch in progress.history]
    best = int(np.argmin(losses))
    assert progress.best_epoch == best + 1 == len(losses) - 2 < 28
    validation = tiny.make_split(21, 6, seed=1)
    model.compile(loss="sparse_categorical_crossentropy")
    assert model.evaluate(validation.tokens, validation.labels, verbose=0) == pytest.approx(losses[best], rel=1e-5)
    again = tiny.train_tiny(tmp_path / "r", log=said.append, **settings)
    assert again[1].history == progress.history  # a training that has stopped is not continued
    assert weights_sha256(again[0]) == weights_sha256(model)


@pytest.mark.parametrize("loop", tiny.FIT_FAST)
def test_min_delta_ignores_small_improvements_as_early_stopping_does(loop: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"loop_style": loop, "epochs": 8, "learning_rate": 0.003, "patience": 2}
    _, all_count = tiny.train_tiny(tmp_path / "all", **settings)
    losses = [epoch["val_loss"] for epoch in all_count.history]
    delta = 0.9 * max(before - after for before, after in pairwise(losses))
    _, progress = tiny.train_tiny(tmp_path / "few", min_delta=delta, **settings)
    assert [epoch["val_loss"] for epoch in progress.history] == losses[: stops_after(losses, delta, patience=2)]
    assert len(progress.history) < len(losses)
    assert progress.best_epoch == 1 + int(np.argmin(losses[: len(progress.history)]))  # also a small improvement


def stops_after(losses: list[float], min_delta: float, patience: int) -> int:
    """The number of epochs after which Keras's own EarlyStopping stops."""
    stopping = keras.callbacks.EarlyStopping("val_loss", min_delta=min_delta, patience=patience)
    stopping.set_model(keras.Sequential())
    stopping.on_train_begin()
    for epoch, loss in enumerate(losses):
        stopping.on_epoch_end(epoch, {"val_loss": loss})
        if getattr(stopping.model, "stop_training", False):
            return epoch + 1
    return len(losses)


@pytest.mark.parametrize("loop", LOOP_STYLES)
def test_a_loss_that_is_not_finite_stops_at_once(loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @keras.saving.register_keras_serializable(package="tests")
    class Poison(keras.layers.Layer):
        """Returns its input for 5 training steps, then NaN."""

        def build(self, shape: Any) -> None:
            self.seen = self.add_weight(name="seen", shape=(), dtype="int32", initializer="zeros", trainable=False)

        def call(self, x: Any, training: bool = False) -> Any:
            seen = self.seen.assign_add(1) if training else self.seen
            return keras.ops.where(seen > 5, np.nan, 1.0) * x

    def poisoned(spec: ModelSpec, seed: int) -> keras.Model:
        return keras.Sequential([*build_model(spec, seed).layers, Poison(name="poison")])

    monkeypatch.setattr("components.trainer.prepare.build_model", poisoned)
    said: list[str] = []
    with pytest.raises(PipelineError) as caught:
        tiny.train_tiny(tmp_path / "r", loop_style=loop, epochs=9, log=said.append)  # 3 steps an epoch
    assert str(caught.value) == (
        f"the loss became NaN or infinite in step 3 of 3 of epoch 2 (last good loss: {_loss(said[0])} over epoch 1); "
        "try a lower --learning_rate than 0.01"
    )
    assert len(said) == 1


def _loss(epoch_line: str) -> str:
    return epoch_line.split("train loss ")[1].split()[0]


def test_the_order_depends_on_epoch_and_seed() -> None:
    split = tiny.make_split(70, 6)
    orders = {(seed, epoch): InMemory(split, 32, seed).order(epoch).tolist() for seed in (1, 2) for epoch in (1, 2)}
    assert len({tuple(order) for order in orders.values()}) == 4
    assert all(sorted(order) == list(range(70)) for order in orders.values())
    data = InMemory(split, 32, 1)
    batches = list(data.dataset(1, 2).as_numpy_iterator())
    assert [len(labels) for _, labels in batches] == [32, 32, 6] * 2
    expected = [split.labels[orders[1, epoch]] for epoch in (1, 2)]
    assert np.concatenate([labels for _, labels in batches]).tolist() == np.concatenate(expected).tolist()
    assert [labels.tolist() for _, labels in data.batches(2)] == [labels.tolist() for _, labels in batches[3:]]


def test_progress_begins_empty() -> None:
    assert (Progress().epochs, Progress().best_loss) == (0, float("inf"))
