"""Versions in a serving folder, each a small SavedModel whose answers carry the number of the version."""

from pathlib import Path
from typing import Any

from components.shared import determinism

determinism.configure()

import tensorflow as tf  # noqa: E402

from pipeline.core.artifact import sha256_file  # noqa: E402
from pipeline.storage.durable import replacing  # noqa: E402
from schemas.artifacts.serving_dir import CURRENT  # noqa: E402
from schemas.contracts.encode import write  # noqa: E402
from schemas.contracts.push import Version  # noqa: E402

LABELS = ("short", "long", "none")
SCALE = 1024
"""A version of number n gives label `none` the probability n / SCALE, which float32 represents exactly."""


class Numbered(tf.Module):
    """Answers with its number. A text of more than ten bytes is `long`."""

    def __init__(self, number: int, weights: int) -> None:
        super().__init__()
        self.number = tf.Variable(number / SCALE, dtype=tf.float32)
        self.ballast = tf.Variable(tf.ones([max(weights, 1)]))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        is_long = tf.cast(tf.strings.length(text) > 10, tf.float32)
        none = tf.repeat(self.number * self.ballast[0], tf.shape(text)[0])
        probabilities = tf.stack([(1 - is_long) * (1 - none), is_long * (1 - none), none], axis=1)
        label = tf.argmax(probabilities, axis=1)
        answered = tf.ones_like(label, tf.bool)
        return {"probabilities": probabilities, "label": label, "answered": answered,
                "topic": tf.gather(tf.constant(LABELS), label)}  # fmt: skip

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(examples, {"text": tf.io.FixedLenFeature([], tf.string)})
        return self.serve(parsed["text"])

    @tf.function(input_signature=[])
    def labels(self) -> dict[str, tf.Tensor]:
        return {"labels": tf.constant(LABELS)}


def save_version(model: Path, number: int, weights: int = 0) -> None:
    """Writes version `number` of a model. `weights`: more variables, to make it large."""
    module = Numbered(number, weights)
    signatures = {"serving_default": module.serve, "serve_examples": module.serve_examples, "labels": module.labels}
    tf.saved_model.save(module, str(model / str(number)), signatures=signatures)
    describe(model, number, LABELS)


def describe(model: Path, number: int, labels: tuple[str, ...]) -> None:
    """Writes `version.json` of the SavedModel in `<model>/<number>/`."""
    folder = model / str(number)
    files = {p.relative_to(folder).as_posix(): sha256_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    files.pop(Version.FILE, None)
    about = Version(model=model.name, version=number, model_digest="0" * 64, weights_sha256=f"{number:064}",
                    labels=labels, run_id="none", files=files)  # fmt: skip
    write(folder / Version.FILE, about)


def use(model: Path, number: int) -> None:
    """Makes a version the version in use, as a push does."""
    with replacing(model / CURRENT, f"{number}\n"):
        pass


def number_in(answer: Any) -> set[float]:
    """Returns the numbers of the versions that gave the rows of an answer of `:predict`."""
    return {row["probabilities"][2] * SCALE for row in answer["predictions"]}


def example(text: str) -> bytes:
    """Returns a serialized tf.train.Example with the feature `text`."""
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
    return bytes(tf.train.Example(features=tf.train.Features(feature={"text": feature})).SerializeToString())
