"""Saves the trained model as a SavedModel that accepts raw texts. It includes the tokenizer, vocabulary and labels."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf
from msgspec import UNSET

from components.models.predict import steady
from components.models.spec import ModelSpec
from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import VOCABULARY
from schemas.artifacts.model import Model
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import write
from schemas.contracts.training import ServingAbout

Outputs = dict[str, tf.Tensor]
"""`probabilities`: float32 [batch, classes]; `label`: int64 [batch]; `topic`: string [batch], the name of the label;
`answered`: bool [batch], whether the label is certain enough to be used."""


NEVER = math.inf
"""A confidence that no text has."""


class Serving(tf.Module):
    """The object to save. It holds the variables and the lookup table, because only objects that it holds are saved."""

    def __init__(
        self, model: keras.Model, tokenizer: TokenizeAndPad, label_names: Sequence[str], answers_from: float
    ) -> None:
        """`label_names`: in label order; `answers_from`: the confidence from which the model answers."""
        super().__init__()
        self.tokenizer = tokenizer
        self.topics = tf.constant(label_names)  # attribute names become part of the SavedModel
        self.held = [variable.value for variable in model.variables]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serving_default(text: tf.Tensor) -> Outputs:
            probabilities = steady(model, tokenizer(text))
            if probabilities.shape[1] == 1:
                probabilities = tf.concat([1 - probabilities, probabilities], axis=1)
            label = tf.argmax(probabilities, axis=1)
            answered = tf.reduce_max(probabilities, axis=1) >= answers_from
            topic = tf.gather(self.topics, label)
            return {"probabilities": probabilities, "label": label, "topic": topic, "answered": answered}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve_examples(examples: tf.Tensor) -> Outputs:
            parsed = tf.io.parse_example(examples, {"text": tf.io.FixedLenFeature([], tf.string)})
            return serving_default(parsed["text"])

        @tf.function(input_signature=[])
        def labels() -> dict[str, tf.Tensor]:
            return {"labels": tf.identity(self.topics)}

        self.serving_default, self.serve_examples, self.labels = serving_default, serve_examples, labels


def save_serving(
    model: keras.Model,
    spec: ModelSpec,
    graph: Path,
    label_names: Sequence[str],
    target: Model,
    untrained: Sequence[str] = (),
    confidence: Confidence | None = None,
) -> None:
    """Writes `Format-Serving/`, `serving.json` and the vocabulary of the Model artifact `target`.

    `graph`: the directory of a TransformGraph; `label_names`: in label order; `untrained`: those without a training
    example. The SavedModel has three signatures. `serving_default` accepts `text`: UTF-8 string [batch].
    `serve_examples` accepts `examples`: string [batch], serialized tf.Examples with a feature `text`. Both return
    Outputs. `labels` accepts nothing and returns `labels`: string [classes], the names of the columns of
    `probabilities`.
    """
    abstention = confidence.abstention if confidence else UNSET
    answers_from = abstention.answers_from if abstention else 0.0
    serving = Serving(model, TokenizeAndPad.load(graph), label_names, NEVER if answers_from is None else answers_from)
    signatures = {name: getattr(serving, name) for name in ("serving_default", "serve_examples", "labels")}
    tf.saved_model.save(serving, str(target.path / Model.SERVING), signatures)
    vocabulary = (graph / VOCABULARY).read_bytes()
    (target.path / VOCABULARY).write_bytes(vocabulary)
    digest = hashlib.sha256(vocabulary).hexdigest()
    about = ServingAbout(
        topics=tuple(label_names),
        untrained=tuple(untrained) or UNSET,
        max_len=spec.max_len,
        vocabulary_sha256=digest,
        answers_from=answers_from,
    )
    write(target.path / about.FILE, about)
