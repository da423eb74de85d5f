"""Compares the served model with the evaluated model: the same texts, in a new process, from a moved folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.infra_validator.checks import TOLERANCE
from components.models.predict import load_keras
from components.models.spec import ModelSpec
from components.models.styles import BUILD_STYLES
from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import Settings, write_settings, write_vocabulary
from components.trainer.confidence import fit_confidence
from components.trainer.data import InMemory, Splits
from components.trainer.reporting import Reporter
from components.trainer.save import save
from components.trainer.serving import save_serving
from components.trainer.settings import TrainerSettings
from components.trainer.train import train
from schemas.artifacts.model import Model
from tests.support import tiny

WORDS = [f"word{number}" for number in range(36)] + ["ß"]
TEXTS = [
    "word1 word2",
    "",
    "all of it is unknown",
    "WORD3, word4!",
    "Straße ß naïve 日本語",
    "word5 " * 200,
    "word6\tword7\n",
]

CLIENT = """
import json, sys
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
tf.config.experimental.enable_op_determinism()
loaded = tf.saved_model.load(sys.argv[1])
texts = json.loads(sys.argv[2])
serve = loaded.signatures["serving_default"]
def values(outputs):
    return {"p": outputs["probabilities"].numpy().tobytes().hex(), "shape": outputs["probabilities"].shape.as_list(),
            "label": outputs["label"].numpy().tolist(), "topic": [t.decode() for t in outputs["topic"].numpy()],
            "answered": outputs["answered"].numpy().tolist(),
            "types": [outputs[k].dtype.name for k in ("probabilities", "label", "topic", "answered")]}
def example(text):
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
    return tf.train.Example(features=tf.train.Features(feature={"text": feature})).SerializeToString()
together = values(serve(text=tf.constant(texts)))
one_by_one = [values(serve(text=tf.constant([text]))) for text in texts]
examples = loaded.signatures["serve_examples"](examples=tf.constant([example(text) for text in texts]))
names = [name.decode() for name in loaded.signatures["labels"]()["labels"].numpy()]
json.dump({"labels": names, "together": together, "one_by_one": one_by_one, "examples": values(examples)}, sys.stdout)
"""


def trained(build_style: str, classes: int, path: Path, truncate: str = "front", **settings: Any) -> Model:
    """Trains a Model artifact with `Format-Serving/`. Its TransformGraph is written to `path`/graph."""
    graph = path / "graph"
    graph.mkdir()
    write_vocabulary({word.encode(): 100 - n for n, word in enumerate(WORDS)}, 0, graph)
    write_settings(graph, Settings(tiny.MAX_LEN, 0, ("train",), 3 + len(WORDS), truncate))
    model_spec = ModelSpec(
        build_style=build_style,
        vocabulary_size=3 + len(WORDS),
        max_len=tiny.MAX_LEN,
        classes=classes,
        calibration=settings.get("calibration", "none"),
    )
    spec = TrainerSettings(loop_style="custom", epochs=1, batch_size=32, learning_rate=0.01, seed=7, **settings)
    validation = InMemory(tiny.make_split(21, classes), 256, 0, shuffled=False)
    splits = Splits(InMemory(tiny.make_split(70, classes), 32, 7), validation)
    (path / "resume").mkdir()
    model, progress = train(model_spec, spec, splits, path / "resume", Reporter(lambda _: None))
    confidence = fit_confidence(model, spec, validation, lambda _: None)
    artifact = Model(path / "model")
    artifact.path.mkdir()
    save(model, model_spec, spec, "memory", progress, artifact, confidence)
    names = [f"topic {n}" for n in range(classes)]
    save_serving(model, model_spec, graph, names, artifact, confidence=confidence)
    return artifact


CONFIDENT = {"calibration": "temperature", "target_precision": 0.05}
"""The target is low, because one epoch does not make an accurate model."""

SLOW = [("functional", 2), ("subclass", 2), ("functional", 6), ("sequential", 6)]


@pytest.mark.parametrize(
    ("build_style", "classes"),
    [
        pytest.param(style, classes, marks=pytest.mark.slow if (style, classes) in SLOW else ())
        for style in BUILD_STYLES
        for classes in (6, 2)
    ],
)
@pytest.mark.parametrize(
    "settings", [{}, pytest.param(CONFIDENT, marks=pytest.mark.slow)], ids=["default", "calibrated"]
)
def test_the_served_model_gives_the_probabilities_of_the_evaluation(
    build_style: str, classes: int, settings: dict[str, Any], tmp_path: Path
) -> None:
    artifact = trained(build_style, classes, tmp_path, **settings)
    tokens = TokenizeAndPad.load(tmp_path / "graph")(TEXTS).numpy()
    evaluated = load_keras(artifact, tiny.MAX_LEN)(tokens)
    moved = tmp_path / "elsewhere"
    (artifact.path / Model.SERVING).rename(moved)
    (tmp_path / "graph" / "vocabulary.tsv").unlink()
    done = subprocess.run([sys.executable, "-c", CLIENT, str(moved), json.dumps(TEXTS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    served = json.loads(done.stdout)
    together = served["together"]
    assert (together["shape"], together["types"]) == ([7, classes], ["float32", "int64", "string", "bool"])
    answers_from = json.loads((artifact.path / "serving.json").read_text())["answers_from"]
    least = 2 if answers_from is None else answers_from  # null: the model never answers
    assert together["answered"] == (evaluated.max(axis=1) >= least).tolist()
    assert settings or all(together["answered"])
    assert together["p"] == evaluated.tobytes().hex()
    assert together["label"] == evaluated.argmax(axis=1).tolist()
    assert together["topic"] == [f"topic {label}" for label in together["label"]]
    assert served["examples"] == together
    assert served["labels"] == [f"topic {label}" for label in range(classes)]
    for row, one in enumerate(served["one_by_one"]):
        # On some processors the last bits of a probability depend on the size of the batch.
        alone = np.frombuffer(bytes.fromhex(one["p"]), np.float32)
        np.testing.assert_allclose(alone, evaluated[row], rtol=0, atol=TOLERANCE)
        assert one["label"] == [together["label"][row]]


def test_the_digest_covers_the_vocabulary(tmp_path: Path) -> None:
    artifact = trained("sequential", 6, tmp_path)
    about = json.loads((artifact.path / "serving.json").read_text())
    assert about["topics"] == [f"topic {n}" for n in range(6)]
    assert about["max_len"] == tiny.MAX_LEN
    assert len(about["vocabulary_sha256"]) == 64
    assert artifact.digest_file("Format-Serving/saved_model.pb") is None
    assert artifact.digest_file("serving.json")


@pytest.mark.parametrize(("truncate", "about"), [("front", {}), ("back", {"truncate": "back"})])
def test_the_served_model_truncates_at_the_same_side(truncate: str, about: dict[str, str], tmp_path: Path) -> None:
    """A long text that differs only where it is cut has the same probabilities."""
    artifact = trained("sequential", 6, tmp_path, truncate)
    (tmp_path / "graph").rename(tmp_path / "gone")
    serve = tf.saved_model.load(str(artifact.path / Model.SERVING)).signatures["serving_default"]
    long = [WORDS[n % len(WORDS)] for n in range(2 * tiny.MAX_LEN)]
    texts = [long, [*long[:-5], *long[:5]], [*long[5:10], *long[5:]]]
    one, other_end, other_beginning = serve(text=tf.constant([" ".join(words) for words in texts]))[
        "probabilities"
    ].numpy()
    same, different = (other_end, other_beginning) if truncate == "back" else (other_beginning, other_end)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, different)
    found = json.loads((artifact.path / "serving.json").read_text())
    assert {name: value for name, value in found.items() if name == "truncate"} == about
