"""Settings of the model's layers and of the loss: equal bits in all loops, after a kill, and independent formulas."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from components.models.build import build_model
from components.trainer.class_weights import balanced_weights
from components.trainer.controller import Progress
from components.trainer.data import InMemory
from components.trainer.losses import training_loss
from components.trainer.metrics import make_loss_and_metrics
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES
from tests.support import tiny

Settings = dict[str, Any]

LOSS: Settings = {"label_smoothing": 0.1, "class_weights": "balanced"}
AVERAGE: Settings = {"average_weights": 0.8}

CASES: list[tuple[str, int, Settings]] = [
    ("sequential", 6, {"filters": (8,), "kernels": (4,), "pooling": "mean", "dropout": 0.3, **LOSS, **AVERAGE}),
    ("functional", 2, {"filters": (8, 6, 4), "kernels": (2, 3), "pooling": "flatten", "dropout": 0.3, **LOSS}),
    ("subclass", 6, {"filters": (8,), "kernels": (3, 3, 3), "pooling": "max", "dropout": 0.3, **AVERAGE}),
]
"""Each setting occurs at least twice, and each build style once."""

ALONE: list[tuple[str, int, Settings]] = [
    ("sequential", 2, {"label_smoothing": 0.1}),
    ("sequential", 2, {"class_weights": "balanced"}),
    ("functional", 6, {"dropout": 0.5}),
    ("functional", 6, AVERAGE),
    ("functional", 6, {"pooling": "mean"}),
    ("subclass", 2, {"dropout": 0.5, **LOSS, **AVERAGE}),
]
IDS = [f"{style}-{'+'.join(settings)}" for style, _, settings in [*CASES, *ALONE]]


class Killed(BaseException):
    """Stands for anything that ends a process."""


def outcome(resume: Path, loop: str, style: str, classes: int, settings: Settings, log: Any = None) -> Any:
    model, progress = tiny.train_tiny(
        resume, style, classes, log, loop_style=loop, epochs=2, lr_halve_epoch=2, **settings
    )
    return weights_sha256(model), progress.history, tiny.saved_state(resume)


@pytest.mark.parametrize(
    ("style", "classes", "settings"),
    [CASES[0], *(pytest.param(*case, marks=pytest.mark.slow) for case in [*CASES[1:], *ALONE])],
    ids=IDS,
)
def test_all_loops_train_the_same_weights(style: str, classes: int, settings: Settings, tmp_path: Path) -> None:
    trained = [outcome(tmp_path / loop, loop, style, classes, settings) for loop in LOOP_STYLES]
    assert trained[1] == trained[0]
    assert trained[2] == trained[0]


@pytest.mark.parametrize(
    ("loop", "case"),
    [
        (0, CASES[0]),
        *(pytest.param(n, case, marks=pytest.mark.slow) for n, case in enumerate(CASES) if n),
        *(pytest.param(n, case, marks=pytest.mark.slow) for case in ALONE for n in range(3)),
    ],
)
def test_an_interrupted_training_resumes_to_the_same_weights(
    loop: int, case: tuple[str, int, Settings], tmp_path: Path
) -> None:
    said: list[str] = []

    def die_after_one(line: str) -> None:
        said.append(line)
        if line.startswith("────"):
            raise Killed

    complete = outcome(tmp_path / "complete", LOOP_STYLES[loop], *case)
    with pytest.raises(Killed):
        outcome(tmp_path / "cut", LOOP_STYLES[loop], *case, die_after_one)
    resumed = outcome(tmp_path / "cut", LOOP_STYLES[loop], *case, said.append)
    assert "resuming an interrupted run after epoch 1" in said
    assert resumed == complete


@pytest.mark.parametrize(
    ("style", "classes", "settings"),
    [CASES[0], *(pytest.param(*case, marks=pytest.mark.slow) for case in CASES[1:])],
    ids=IDS[: len(CASES)],
)
def test_a_model_is_the_same_in_a_new_process(style: str, classes: int, settings: Settings, tmp_path: Path) -> None:
    model, _ = tiny.train_tiny(tmp_path / "resume", style, classes, epochs=1, **settings)
    model.save(tmp_path / "model.keras")
    tokens = tiny.make_split(9, classes, seed=4).tokens
    np.save(tmp_path / "tokens.npy", tokens)
    script = (
        "import sys, numpy as np\n"
        "from components.shared import determinism\n"
        "determinism.configure()\n"
        "import components.models.build, keras\n"
        "model = keras.models.load_model(sys.argv[1] + '/model.keras', compile=False, safe_mode=True)\n"
        "tokens = np.load(sys.argv[1] + '/tokens.npy')\n"
        "np.save(sys.argv[1] + '/found.npy', model(tokens, training=False).numpy())\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True)
    expected = model(tokens, training=False).numpy()
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), expected)
    names = {layer.name for layer in model._flatten_layers(include_self=False, recursive=False)}
    assert ("dropout" in names) == ("dropout" in settings)


@pytest.mark.parametrize("style", tiny.SEQUENTIAL_FAST)
def test_dropout_changes_training_only(style: str, tmp_path: Path) -> None:
    model = build_model(tiny.model_spec(style, dropout=0.9), seed=1)
    tokens = tiny.make_split(9, 6).tokens
    plain = model(tokens, training=False).numpy()
    np.testing.assert_array_equal(model(tokens, training=False).numpy(), plain)
    assert not np.array_equal(model(tokens, training=True).numpy(), plain)
    one, two = (tiny.train_tiny(tmp_path / f"{n}", style, dropout=rate) for n, rate in enumerate((0.0, 0.9)))
    assert weights_sha256(one[0]) != weights_sha256(two[0])


@pytest.mark.parametrize("counts", [[5, 5, 5], [1, 2, 300], [7, 0, 3, 0, 1], [0, 4], [12, 88]])
def test_class_weights_are_those_of_scikit_learn(counts: list[int]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    said: list[str] = []
    found = balanced_weights(np.array(counts, np.int64), said.append)
    present = np.unique(labels)
    np.testing.assert_allclose(found[present], compute_class_weight("balanced", classes=present, y=labels), rtol=1e-6)
    assert found[labels].mean() == pytest.approx(1)
    missing = counts.count(0)
    assert said[0].endswith(f"; {missing} classes have no example in train" if missing else f"{found.max():.3g}")
    assert len(said) == 1


def smoothed(labels: Any, probabilities: Any, smoothing: float) -> Any:
    """The formula with NumPy: one class after the other."""
    p = np.concatenate([1 - probabilities, probabilities], axis=1) if probabilities.shape[1] == 1 else probabilities
    classes = p.shape[1]
    targets = np.eye(classes)[labels] * (1 - smoothing) + smoothing / classes
    return -(targets * np.log(p.astype(np.float64))).sum(axis=1)


@pytest.mark.parametrize("classes", [2, 3, 46])
def test_label_smoothing_and_class_weights_are_the_formula(classes: int) -> None:
    random = np.random.RandomState(0)
    labels = random.randint(0, classes, 50).astype(np.int32)
    p = random.dirichlet(np.ones(classes), 50).astype(np.float32)
    p = p[:, 1:] if classes == 2 else p
    weights = (1 + random.rand(classes)).astype(np.float32)
    for smoothing, by_class in ((0.1, None), (0.0, weights), (0.3, weights)):
        loss = training_loss(classes, smoothing, by_class)
        assert loss is not None
        expected = smoothed(labels, p, smoothing) * (1 if by_class is None else by_class[labels])
        np.testing.assert_allclose(loss(labels, p), expected, rtol=2e-5)
    if classes > 2:
        theirs = keras.losses.CategoricalCrossentropy(label_smoothing=0.1, reduction=None)
        found = training_loss(classes, 0.1, None)
        assert found is not None
        np.testing.assert_array_equal(found(labels, p), theirs(np.eye(classes, dtype=np.float32)[labels], p))
    assert training_loss(classes, 0.0, None) is None


def test_the_loss_is_the_one_that_trains_and_validation_is_plain(tmp_path: Path) -> None:
    """With a learning rate of nearly 0 the weights stay, so the losses of the epoch can be computed from them."""
    settings: Settings = {"learning_rate": 1e-12, "epochs": 1, "batch_size": 70, **LOSS}
    model, progress = tiny.train_tiny(tmp_path / "r", **settings)
    train, validation = tiny.make_split(70, 6), tiny.make_split(21, 6, seed=1)
    weights = compute_class_weight("balanced", classes=np.arange(6), y=train.labels)
    p = model(train.tokens, training=False).numpy()
    assert progress.history[0]["loss"] == pytest.approx((smoothed(train.labels, p, 0.1) * weights[train.labels]).mean())
    own = model(validation.tokens, training=False).numpy()[np.arange(21), validation.labels]
    assert progress.history[0]["val_loss"] == pytest.approx(-np.log(own).mean(), rel=1e-5)


def test_validation_has_the_same_bits_as_without_the_settings() -> None:
    labels, p = np.array([0, 2], np.int32), np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], np.float32)
    steps = keras.Variable(0, dtype="int64", trainable=False)
    plain, _ = make_loss_and_metrics(False, steps)
    trained, _ = make_loss_and_metrics(False, steps, training_loss(3, 0.2, None))
    trained.set_training(True)
    call = tf.function(lambda: trained(labels, p))
    training = float(call())
    trained.set_training(False)
    assert float(call()) == float(plain(labels, p)) != training


@pytest.mark.parametrize("loop", tiny.FIT_FAST)
def test_the_average_of_the_weights_is_validated_and_saved(loop: str, tmp_path: Path) -> None:
    """Computes the average with NumPy from the weights after each step of a training without an average."""
    found, progress = tiny.train_tiny(tmp_path / "r", loop_style=loop, average_weights=0.8)
    model, split = build_model(tiny.model_spec(), seed=7), tiny.make_split(70, 6)
    model.compile(keras.optimizers.Nadam(0.01), "sparse_categorical_crossentropy", jit_compile=False)
    average: list[Any] = []
    for epoch in (1, 2):
        for tokens, labels in InMemory(split, 32, seed=7).batches(epoch):
            model.train_on_batch(tokens, labels)
            now = model.get_weights()
            average = [0.8 * a + 0.2 * w for a, w in zip(average, now, strict=True)] if average else now
    for weight, expected, last in zip(found.get_weights(), average, model.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-7)
        assert not np.array_equal(weight, last)
    validation = tiny.make_split(21, 6, seed=1)
    own = found(validation.tokens, training=False).numpy()[np.arange(21), validation.labels]
    assert progress.history[-1]["val_loss"] == pytest.approx(-np.log(own).mean(), rel=1e-5)
    assert isinstance(progress, Progress)
    state = tiny.saved_state(tmp_path / "r")
    assert state["state_0"] == model.get_weights()[0].tobytes()  # the weights themselves, from which it would continue
