"""A second input: every build style and loop style trains it, to the same weights, and it decides."""

from pathlib import Path

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

from components.models.build import build_model  # noqa: E402  # configure() must run first
from components.models.predict import load_keras, steady  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.text.arrays import Split  # noqa: E402
from components.trainer.data import InMemory, Splits  # noqa: E402
from components.trainer.loops import LOOPS  # noqa: E402
from components.trainer.reporting import Reporter  # noqa: E402
from components.trainer.save import weights_sha256  # noqa: E402
from components.trainer.settings import TrainerSettings  # noqa: E402
from components.trainer.train import train  # noqa: E402
from schemas.artifacts.model import Model  # noqa: E402

VOCABULARY, MAX_LEN, WIDTH, CLASSES = 50, 60, 3, 3


def make_split(count: int, seed: int) -> Split:
    """Texts are noise: a feature alone decides the label."""
    random = np.random.RandomState(seed)
    tokens = random.randint(3, VOCABULARY, (count, MAX_LEN)).astype(np.int32)
    labels = random.randint(0, CLASSES, count).astype(np.int32)
    features = random.normal(size=(count, WIDTH)).astype(np.float32)
    features[:, 0] = labels - 1
    return Split(tokens, labels, features)


def spec_of(style: str, **settings: object) -> ModelSpec:
    return ModelSpec(build_style=style, vocabulary_size=VOCABULARY, max_len=MAX_LEN, classes=CLASSES, features=WIDTH,
                     filters=(8, 4), **settings)  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    "style", ["sequential", *(pytest.param(style, marks=pytest.mark.slow) for style in ("functional", "subclass"))]
)
def test_every_loop_learns_from_the_features_to_the_same_bits(tmp_path: Path, style: str) -> None:
    train_split, test = make_split(192, 1), make_split(64, 2)
    digests = set()
    for loop in LOOPS:
        settings = TrainerSettings(loop_style=loop, epochs=8, learning_rate=0.02)
        data = Splits(InMemory(train_split, 32, 1), InMemory(test, 64, 1, shuffled=False))
        (tmp_path / loop).mkdir()
        model, _ = train(spec_of(style), settings, data, tmp_path / loop, Reporter(lambda _: None))
        digests.add(weights_sha256(model))
    assert len(digests) == 1
    p = steady(model, test.inputs).numpy()
    assert (p.argmax(axis=1) == test.labels).mean() > 0.95


@pytest.mark.parametrize("style", ["sequential", "functional", "subclass"])
@pytest.mark.parametrize("around", [{}, {"wide": "tfidf", "calibration": "temperature", "layers_len": 56}], ids=str)
def test_a_saved_model_answers_as_before(tmp_path: Path, style: str, around: dict[str, object]) -> None:
    model = build_model(spec_of(style, dropout=0.5, **around), 1)
    assert [tuple(given.shape) for given in model.inputs] == [(None, MAX_LEN), (None, WIDTH)]
    model.save(tmp_path / Model.KERAS_FILE)
    inputs = make_split(7, 3).inputs
    found = load_keras(Model(tmp_path), MAX_LEN)(inputs)
    np.testing.assert_allclose(found, steady(model, inputs).numpy(), atol=1e-6)
    other = (inputs[0], np.zeros_like(inputs[1]))
    assert np.abs(load_keras(Model(tmp_path), MAX_LEN)(other) - found).max() > 1e-4
