"""The layer that divides the logits: compared with NumPy, saved and loaded, and the same around every build style."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

import keras  # noqa: E402

from components.models.build import build_model  # noqa: E402
from components.models.spec import BUILD_STYLES, ModelSpec  # noqa: E402
from components.models.temperature import Temperature, temperature_of  # noqa: E402
from components.shared.calibration import with_temperature  # noqa: E402
from tests.support.paths import PROJECT  # noqa: E402

P = np.array([[0.7, 0.2, 0.1], [1 / 3] * 3, [1.0, 0.0, 0.0], [0.0, 1e-30, 1.0]], np.float32)
ONE = np.array([[0.7], [0.5], [1.0], [0.0], [1e-30]], np.float32)


def layer(temperature: float) -> Temperature:
    made = Temperature()
    made.build((None, 3))
    made.temperature.assign(temperature)
    return made


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0, 20.0])
def test_it_computes_what_numpy_does(temperature: float) -> None:
    found = np.asarray(layer(temperature)(P))
    np.testing.assert_allclose(found, with_temperature(P.astype(float), temperature), rtol=1e-4, atol=1e-7)
    one = np.asarray(layer(temperature)(ONE))[:, 0]
    both = np.concatenate([np.maximum(1 - ONE, 2.0**-25), ONE], axis=1).astype(float)
    np.testing.assert_allclose(one, with_temperature(both, temperature)[:, 1], rtol=1e-4, atol=1e-7)
    assert np.isfinite(found).all()
    assert np.isfinite(one).all()


@pytest.mark.parametrize("p", [P, ONE])
def test_it_changes_nothing_at_1_and_in_training(p: Any) -> None:
    assert np.asarray(layer(1.0)(p)).tobytes() == p.tobytes()
    assert np.asarray(layer(3.0)(p, training=True)).tobytes() == p.tobytes()


def spec(build_style: str, classes: int, calibration: str = "temperature") -> ModelSpec:
    sizes: dict[str, Any] = {"vocabulary_size": 50, "max_len": 60, "classes": classes}
    return ModelSpec(build_style=build_style, calibration=calibration, **sizes)


TOKENS = np.random.RandomState(0).randint(0, 50, (5, 60)).astype(np.int32)

LOAD = """
import sys, numpy as np
from components.shared import determinism
determinism.configure()
import keras, components.models.build
tokens = np.random.RandomState(0).randint(0, 50, (5, 60)).astype(np.int32)
for path in sys.argv[1:]:
    print(keras.models.load_model(path, safe_mode=True).predict(tokens, verbose=0).tobytes().hex())
"""


def test_a_loaded_model_equals_the_saved_model_in_a_new_process(tmp_path: Path) -> None:
    paths, expected = [], []
    for build_style in BUILD_STYLES:
        for classes in (2, 6):
            model = build_model(spec(build_style, classes), seed=3)
            variable = temperature_of(model)
            assert variable is not None
            variable.assign(1.7)
            paths.append(str(tmp_path / f"{build_style}{classes}.keras"))
            model.save(paths[-1])
            expected.append(model.predict(TOKENS, verbose=0).tobytes().hex())
            assert json.loads(keras.models.load_model(paths[-1]).to_json()) == json.loads(model.to_json())
    command = [sys.executable, "-c", LOAD, *paths]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected


@pytest.mark.parametrize("classes", [2, 6])
@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_it_adds_one_weight_and_changes_no_other(build_style: str, classes: int) -> None:
    plain = build_model(spec(build_style, classes, "none"), seed=3)
    model = build_model(spec(build_style, classes), seed=3)
    weights = {weight.path: weight.numpy().tobytes() for weight in plain.weights}
    added = {weight.path: weight.numpy().tobytes() for weight in model.weights}
    assert added == {**weights, "temperature/temperature": np.float32(1).tobytes()}
    assert model.name == plain.name
    assert len(model.trainable_weights) == len(plain.trainable_weights)
    assert model.predict(TOKENS, verbose=0).tobytes() == plain.predict(TOKENS, verbose=0).tobytes()
    assert temperature_of(plain) is None
