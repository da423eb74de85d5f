"""TensorFlow is imported without Keras and scikit-learn, in a process of its own, and Keras works when it is needed."""

import subprocess
import sys

import pytest

from tests.support.paths import PROJECT

SHOWN = "print(*(m for m in ('keras', 'sklearn', 'apache_beam') if m in sys.modules))"

PROGRAMS = {
    "configure": f"import sys; from components.shared import determinism; determinism.configure(); {SHOWN}",
    "serve": "import sys; from components.shared import determinism; determinism.configure(); "
    f"import components.serve.models, components.serve.running; {SHOWN}",
}


def run(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", ["configure", "serve"])
def test_neither_keras_nor_scikit_learn_nor_beam_is_imported(name: str) -> None:
    assert run(PROGRAMS[name]) == ""


def test_keras_can_be_imported_afterwards() -> None:
    program = "from components.shared import determinism; determinism.configure(); import keras, tensorflow as tf; "
    shown = "print(keras.backend.backend(), tf.keras.__version__ == keras.__version__)"
    assert run(program + shown) == "tensorflow True"


def test_keras_that_is_imported_already_stays() -> None:
    program = "import keras; from components.shared import determinism; determinism.configure(); "
    assert run(f"{program}import sys; print(sys.modules['keras'] is keras)") == "True"


def test_what_is_loaded_on_use_is_the_whole_api() -> None:
    command = [sys.executable, "-m", "tests.support.tensorflow_names"]
    here, plain = (
        subprocess.run([*command, *more], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
        for more in ([], ["--plain"])
    )
    assert len(plain) > 10_000
    assert sorted(set(here) ^ set(plain)) == []
