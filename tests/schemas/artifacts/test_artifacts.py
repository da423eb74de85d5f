"""Content digests: equal for a model that is saved twice, different for another weight or layer."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from pipeline.caching.fingerprint import content_digest
from pipeline.core.artifact import Artifact
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.keras_file import digest_keras
from schemas.artifacts.model import Model, ModelEvaluation


def model(units: int = 3) -> keras.Model:
    keras.utils.set_random_seed(1)
    shared = keras.initializers.GlorotUniform(seed=1)  # told apart in the file by its address in memory
    layers = [keras.layers.Dense(size, kernel_initializer=shared, name=f"dense{size}") for size in (units, 2)]
    return keras.Sequential([keras.Input([4], name="in"), *layers], name="m")


def save(path: Path, change: Callable[[keras.Model], None] = lambda _: None, units: int = 3) -> Path:
    made = model(units)
    change(made)
    made.save(path)
    return path


def nudge(made: keras.Model) -> None:
    weights = made.get_weights()
    weights[0][0, 0] += 1e-7
    made.set_weights(weights)


def test_a_model_saved_twice_has_an_equal_digest(tmp_path: Path) -> None:
    first = save(tmp_path / "first.keras")
    second = save(tmp_path / "second.keras")
    with zipfile.ZipFile(second, "a") as archive:
        archive.comment = b"of another day"
    assert first.read_bytes() != second.read_bytes()
    assert digest_keras(first) == digest_keras(second)
    others = [save(tmp_path / "nudged.keras", nudge), save(tmp_path / "wider.keras", units=4)]
    assert len({digest_keras(path) for path in (first, *others)}) == 3


@pytest.mark.parametrize(
    ("type_", "name", "content"),
    [
        (Model, "timing.json", False),
        (Model, "Format-Serving/saved_model.pb", False),
        (Model, "serving/saved_model.pb", False),  # of an earlier version
        (Model, "serving.json", True),
        (Model, "history.json", True),
        (ModelEvaluation, "timing.json", False),
        (ModelEvaluation, "metrics.json", True),
        (TransformGraph, "vocabulary.tsv", True),
        (Examples, "counts.json", True),
        (TransformedExamples, "timing.json", True),
    ],
)
def test_which_files_are_content(tmp_path: Path, type_: type[Artifact], name: str, content: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("one")
    before = content_digest(type_(tmp_path))
    path.write_text("two")
    assert (content_digest(type_(tmp_path)) != before) is content


def test_a_moved_file_changes_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    before = content_digest(Artifact(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    assert content_digest(Artifact(tmp_path)) != before
