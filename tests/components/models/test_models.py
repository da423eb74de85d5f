"""Every build style: its number of parameters, saving and loading, and the shortest text."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.shared import determinism
from tests.support.tiny import MAX_LEN, train_tiny

determinism.configure()

import keras  # noqa: E402

from components.models.build import BUILDERS, build_model  # noqa: E402
from components.models.spec import ModelSettings, ModelSpec  # noqa: E402
from components.models.styles import BUILD_STYLES  # noqa: E402
from pipeline.core.errors import ConfigError, PipelineError  # noqa: E402


def test_every_build_style_is_implemented() -> None:
    assert sorted(BUILD_STYLES) == sorted(BUILDERS)


@pytest.mark.parametrize(
    ("build_style", "reuters", "imdb"),
    [("sequential", 332_856, 80_017), ("functional", 230_177, 78_938), ("subclass", 273_916, 103_197)],
)
def test_the_number_of_parameters_is_as_published(build_style: str, reuters: int, imdb: int) -> None:
    sizes = [(30_982, 300, 46), (10_000, 200, 2)]
    specs = [ModelSpec(build_style=build_style, vocabulary_size=v, max_len=n, classes=c) for v, n, c in sizes]
    assert [build_model(spec, seed=1).count_params() for spec in specs] == [reuters, imdb]


@pytest.mark.parametrize("classes", [2, 6])
@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_a_loaded_model_equals_the_saved_model(build_style: str, classes: int, tmp_path: Path) -> None:
    spec = ModelSpec(build_style=build_style, vocabulary_size=50, max_len=60, classes=classes)
    model = build_model(spec, seed=3)
    tokens = np.random.RandomState(0).randint(0, 50, (5, 60)).astype(np.int32)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    expected = model.predict(tokens, verbose=0)
    np.testing.assert_array_equal(loaded.predict(tokens, verbose=0), expected)
    assert json.loads(loaded.to_json()) == json.loads(model.to_json())
    assert model.compute_output_shape((5, 60)) == expected.shape == (5, 1 if classes == 2 else classes)
    assert np.isfinite(expected).all()
    assert classes == 2 or expected.sum(axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_weights_can_be_loaded_before_any_data(build_style: str, tmp_path: Path) -> None:
    spec = ModelSpec(build_style=build_style, vocabulary_size=50, max_len=60, classes=6)
    trained, other = build_model(spec, seed=3), build_model(spec, seed=4)
    trained.save_weights(tmp_path / "x.weights.h5")
    other.load_weights(tmp_path / "x.weights.h5")
    for mine, theirs in zip(trained.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


class Opaque(keras.layers.Layer):
    """A layer without `get_config`, with an argument that Keras cannot serialize automatically."""

    def __init__(self, dense: keras.layers.Layer) -> None:
        super().__init__()
        self.dense = dense

    def call(self, tokens: Any) -> Any:
        return self.dense(keras.ops.cast(tokens, "float32"))


def test_a_layer_that_cannot_be_saved_is_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opaque = keras.Sequential([keras.Input([MAX_LEN], dtype="int32"), Opaque(keras.layers.Dense(6))], name="mine")
    monkeypatch.setattr("components.trainer.train.build_model", lambda *_: opaque)
    with pytest.raises(PipelineError) as caught:
        train_tiny(tmp_path / "resume")
    assert str(caught.value).startswith("the model 'mine' cannot be saved after training: ")
    assert str(caught.value).endswith("; add a get_config method to the layer that returns its arguments")
    assert "Opaque" in str(caught.value)
    assert not list((tmp_path / "resume").iterdir())


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_the_seed_sets_the_initial_weights(build_style: str) -> None:
    spec = ModelSpec(build_style=build_style, vocabulary_size=50, max_len=60, classes=6)
    first, again, other = (build_model(spec, seed).get_weights()[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_the_minimum_text_length_is_exact(build_style: str) -> None:
    shortest = ModelSettings(build_style=build_style).shortest
    spec = ModelSpec(build_style=build_style, vocabulary_size=50, max_len=shortest, classes=6)
    assert build_model(spec, seed=1)(np.zeros((1, shortest), np.int32)).shape == (1, 6)
    with pytest.raises(ConfigError, match=f"max_len {shortest - 1} is too short for build_style {build_style}"):
        ModelSpec(build_style=build_style, vocabulary_size=50, max_len=shortest - 1, classes=6)
