"""`load(folder).predict(texts)`: what a notebook uses, and models that cannot be loaded."""

import gc
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.serving import load
from components.serving.predictions import Predictions
from pipeline.core.errors import ConfigError, DataError
from tests.support.paths import PROJECT
from tests.support.toy_pushed import LABELS, describe, make_serving

TEXTS = ["word1 word2", "", "WORD3, word4!", "line\r\nend", "word5 " * 300, "word1\0word2", "word6 " * 1_750_000]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_serving(tmp_path_factory.mktemp("serving"), tmp_path_factory.mktemp("scratch"), versions=2)


def test_the_table_equals_what_the_signature_returns(model: Path) -> None:
    found = load(model).predict(TEXTS)
    loaded = tf.saved_model.load(str(model / "2"))
    outputs = loaded.signatures["serving_default"](text=tf.constant([text.replace("\r\n", "\n") for text in TEXTS]))
    assert found.probabilities.tobytes() == outputs["probabilities"].numpy().tobytes()
    assert found.label == [topic.decode() for topic in outputs["topic"].numpy()]
    assert found.probability.tolist() == outputs["probabilities"].numpy().max(axis=1).tolist()
    assert found.answered.tolist() == [True] * len(TEXTS)


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("graph", ["of a function", "that stands alone"])
def test_a_model_that_is_dropped_while_a_graph_is_built_frees_its_tables(model: Path, graph: str) -> None:
    held = [load(model)]

    def drop() -> tf.Tensor:
        held.clear()  # as the garbage collector may do at any time
        gc.collect()
        return tf.constant(1)

    if graph == "of a function":
        assert tf.function(drop)().numpy() == 1
    else:
        with tf.Graph().as_default():
            drop()


def test_it_imports_tensorflow_alone(model: Path) -> None:
    program = (
        "import sys; from components.serving import load; load(sys.argv[1]).predict(['word1']); "
        "print(*(m for m in ('tensorflow', 'keras', 'sklearn', 'apache_beam') if m in sys.modules))"
    )
    command = [sys.executable, "-c", program, str(model)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tensorflow"]


def test_a_version_is_chosen_by_its_number(model: Path) -> None:
    first, second = (load(model, version).predict(TEXTS).probabilities for version in (1, 2))
    assert first.tobytes() != second.tobytes()
    assert load(str(model)).predict(TEXTS).probabilities.tobytes() == second.tobytes()


@pytest.mark.parametrize("number", [0, 1, 255, 256, 257])
def test_any_number_of_texts_from_any_iterable(model: Path, number: int) -> None:
    found = load(model).predict(f"word{n % 36}" for n in range(number))
    assert found.probabilities.shape == (number, 3)
    assert len(list(found)) == number


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("one text", ConfigError, "predict takes several texts; write predict([text])"),
        (["a", 1], DataError, "text 1 is of type int; texts must be of type str"),
        (["a", None], DataError, "text 1 is of type NoneType; texts must be of type str"),
        (["\ud800"], DataError, "text 0 is not Unicode: it has half of a surrogate pair after 0 characters"),
        ([*["a"] * 300, "b\udc80"], DataError, "text 300 is not Unicode: it has half of a surrogate pair after 1 char"),
    ],
)
def test_texts_that_no_model_can_take(model: Path, texts: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        load(model).predict(texts)
    assert message in str(raised.value)


def test_the_printed_table_is_short() -> None:
    shares = np.asarray([[0.25, 0.75], [0.9, 0.1]] * 15, np.float32)
    found = Predictions(("no", "yes"), shares, np.asarray([True, False] * 15))
    lines = str(found).splitlines()
    assert lines[:3] == ["label  probability  answered", "yes         0.7500  yes", "no          0.9000  no"]
    assert lines[-1] == "… and 10 more"
    assert found[1].top == (("no", pytest.approx(0.9)), ("yes", pytest.approx(0.1)))


def other_signature(folder: Path) -> None:
    module = tf.Module()
    module.serve = tf.function(lambda x: {"y": x + 1}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    tf.saved_model.save(module, str(folder), {"serving_default": module.serve})
    describe(folder, "toy", 2)


def no_signature(folder: Path) -> None:
    tf.saved_model.save(tf.Module(), str(folder))
    describe(folder, "toy", 2)


def broken_graph(folder: Path) -> None:
    (folder / "saved_model.pb").write_bytes(b"not a graph")
    describe(folder, "toy", 2)


def edited(folder: Path) -> None:
    (folder / "saved_model.pb").write_bytes(b"not a graph")


@pytest.mark.parametrize(
    ("harm", "version", "error", "message"),
    [
        (None, 7, ConfigError, "version 7 of toy is missing"),
        (lambda folder: shutil.rmtree(folder.parent), None, ConfigError, "is not a directory; run the pipeline first"),
        (lambda folder: (folder.parent / "CURRENT").unlink(), None, ConfigError, "CURRENT is missing; choose one of"),
        (shutil.rmtree, None, ConfigError, "version 2 of toy is missing"),
        (lambda folder: shutil.rmtree(folder / "variables"), None, DataError, "is missing in"),
        (edited, None, DataError, "saved_model.pb has been changed; push the model again"),
        (broken_graph, None, DataError, "cannot be loaded"),
        (no_signature, None, DataError, "has no signature serving_default (it has: none); expected text: string"),
        (other_signature, None, DataError, "takes x: float32 (None,) and returns y: float32 (None,); expected text"),
        (lambda folder: describe(folder, "toy", 2, ["a", "b"]), None, DataError, "returns 3 probabilities, but"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_loaded(
    model: Path, tmp_path: Path, harm: Callable[[Path], object] | None, version: int | None, error: type[Exception],
    message: str,
) -> None:  # fmt: skip
    copied = tmp_path / "toy"
    shutil.copytree(model, copied)
    if harm:
        harm(copied / "2")
    with pytest.raises(error) as raised:
        load(copied, version)
    assert message in str(raised.value)


def test_the_labels_have_the_names_of_the_model(model: Path) -> None:
    assert load(model).labels == tuple(LABELS)
