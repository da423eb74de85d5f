"""The embedding is what the last layer of the layers sees, in every form of a model, also after saving."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

import keras  # noqa: E402

from components.label.embed import Embedder, features_of  # noqa: E402
from components.models.build import build_model  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.models.styles import BUILD_STYLES  # noqa: E402
from components.models.wide import wide_part  # noqa: E402
from components.text.tokenize import TokenizeAndPad  # noqa: E402
from tests.support.toy_model import make_graph, make_model  # noqa: E402

TOKENS = np.random.RandomState(0).randint(2, 50, (20, 60)).astype(np.int32)

AROUND: dict[str, dict[str, Any]] = {
    "layers alone": {},
    "calibrated": {"calibration": "temperature"},
    "wide": {"wide": "auto", "layers_len": 56, "layers_words": 20},
    "wide and calibrated": {"wide": "auto", "calibration": "temperature", "dropout": 0.5},
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("build_style", BUILD_STYLES)
@pytest.mark.parametrize("classes", [2, 5])
def test_the_last_layer_makes_probabilities_of_it(build_style: str, around: str, classes: int, tmp_path: Path) -> None:
    more = {"layers_len": 0, **AROUND[around]}
    spec = ModelSpec(build_style=build_style, vocabulary_size=50, max_len=60, classes=classes, **more)
    build_model(spec, seed=3).save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras", compile=False)
    features = features_of(model)(TOKENS).numpy()
    weights = {weight.path.rpartition("probabilities/")[2]: weight.numpy() for weight in model.weights
               if "probabilities/" in weight.path}  # fmt: skip
    logits = features @ weights["kernel"] + weights["bias"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) if classes > 2 else 1 / (1 + np.exp(-logits))
    found = wide_part(model)(TOKENS)[0] if "wide" in around else model(TOKENS)
    assert np.asarray(found) == pytest.approx(expected, abs=1e-5)


def test_an_embedder_of_a_model_artifact_reads_texts(tmp_path: Path) -> None:
    graph = make_graph(tmp_path / "graph")
    model = make_model(tmp_path / "model", graph, 3)
    texts = [f"word{n % 37} Word{n % 5}!" for n in range(300)]
    found = Embedder(model)(texts)
    features = features_of(keras.models.load_model(model.path / "model.keras", compile=False))
    assert found == pytest.approx(features(TokenizeAndPad.load(graph.path)(texts)).numpy(), abs=1e-6)
    assert (len(found), np.array_equal(found[1], found[186])) == (300, True)  # equal tokens
