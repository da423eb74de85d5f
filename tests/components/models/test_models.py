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
from components.models.settings import ModelSettings  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.models.styles import BUILD_STYLES, Layers, Style  # noqa: E402
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
    monkeypatch.setattr("components.trainer.prepare.build_model", lambda *_: opaque)
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


LAYERS: list[tuple[str, dict[str, Any], int]] = [
    ("sequential", {}, 12),
    ("functional", {}, 55),
    ("subclass", {}, 4),
    ("sequential", {"filters": (8,), "kernels": (1,)}, 2),
    ("sequential", {"filters": (8, 8, 8), "kernels": (2, 3, 4), "pooling": "mean"}, 25),
    ("functional", {"kernels": (4,), "pooling": "flatten"}, 19),
    ("functional", {"filters": (8,), "kernels": (2, 9)}, 9),
    ("functional", {"filters": (8, 8, 8), "kernels": (2, 3), "pooling": "mean"}, 35),
    ("subclass", {"filters": (8,), "kernels": (9, 3, 3), "pooling": "max"}, 8),
]
"""Build style, settings, and the smallest length."""


@pytest.mark.parametrize(("build_style", "settings", "shortest"), LAYERS)
def test_the_minimum_text_length_is_exact(
    build_style: str, settings: dict[str, Any], shortest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[str, Any] = {"vocabulary_size": 50, "classes": 6}
    assert ModelSettings(build_style=build_style, **settings).shortest == shortest
    spec = ModelSpec(build_style=build_style, max_len=shortest, **sizes, **settings)
    assert build_model(spec, seed=1)(np.zeros((1, shortest), np.int32)).shape == (1, 6)
    with pytest.raises(ConfigError, match=f"max_len {shortest - 1} is too short for build_style {build_style}"):
        ModelSpec(build_style=build_style, max_len=shortest - 1, **sizes, **settings)
    monkeypatch.setattr(ModelSpec, "check_max_len", lambda *_: None)
    short = ModelSpec(build_style=build_style, max_len=shortest - 1, **sizes, **settings)
    try:
        features = build_model(short, seed=1).layers[-2].output.shape
    except (ValueError, AttributeError):
        return  # Keras refuses it, or the style is a subclass
    assert 0 in features


@pytest.mark.parametrize(("build_style", "settings"), [row[:2] for row in LAYERS])
def test_a_spec_is_made_again_from_its_arguments(build_style: str, settings: dict[str, Any]) -> None:
    sizes: dict[str, Any] = {"vocabulary_size": 50, "classes": 6, "max_len": 60}
    spec = ModelSpec(build_style=build_style, **sizes, **settings)
    assert ModelSpec(build_style=build_style, **spec.arguments()) == spec
    assert set(spec.arguments()) == {*sizes, "embed_dim", *settings}  # a published model has no other arguments
    assert set(json.loads(json.dumps(spec.as_dict()))) >= {*sizes, "filters", "kernels", "pooling", "dropout"}


def test_layers_follow_the_settings() -> None:
    """Counted with the formulas of the layers, not by Keras."""
    sizes: dict[str, Any] = {"vocabulary_size": 50, "classes": 6, "max_len": 60, "embed_dim": 5}
    sequential = ModelSpec(build_style="sequential", filters=(8, 4), kernels=(3, 2), pooling="max", **sizes)
    assert build_model(sequential, 1).count_params() == 50 * 5 + (3 * 5 * 8 + 8) + (2 * 8 * 4 + 4) + (4 * 6 + 6)
    functional = ModelSpec(build_style="functional", filters=(8,), kernels=(3, 2), pooling="mean", **sizes)
    separable = sum(kernel * 5 + 5 * 8 + 8 for kernel in (3, 2))
    assert build_model(functional, 1).count_params() == 50 * 5 + separable + (2 * 8 * 6 + 6)
    subclass = ModelSpec(build_style="subclass", filters=(8,), kernels=(3, 3), pooling="flatten", **sizes)
    block = (3 * 5 * 8 + 8) + (3 * 8 * 5 + 5)
    model = build_model(subclass, 1)
    assert model.count_params() == 50 * 5 + 2 * block + (15 * 5 * 6 + 6)
    assert len({weight.path for weight in model.weights}) == len(model.weights)


def test_a_style_without_convolutions_refuses_their_settings() -> None:
    """A setting that a style would ignore is an error. All three styles use all settings."""
    bag = Style(published=Layers(), shortest=lambda _: 1)
    assert bag.layers("bag", (), (), "published") == Layers()
    for given, name in ((((8,), (), "published"), "filters"), (((), (8,), "published"), "kernels"),
                        (((), (), "max"), "pooling")):  # fmt: skip
        with pytest.raises(ConfigError) as caught:
            bag.layers("bag", *given)
        assert str(caught.value) == f"build_style bag has no {name}; remove --{name}"
