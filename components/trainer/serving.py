"""The trained model as a SavedModel that takes raw texts, with tokenising graph, vocabulary and labels inside."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from components.models.predict import steady
from components.models.spec import ModelSpec
from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import VOCABULARY
from schemas.artifacts.model import Model
from schemas.contracts.encode import write
from schemas.contracts.training import ServingAbout

Outputs = dict[str, tf.Tensor]
"""`probabilities`: float32 [batch, classes]; `label`: int64 [batch]; `topic`: string [batch], the label's name."""


class Serving(tf.Module):
    """What is saved. Holds the variables and the lookup table, without which their values would not be."""

    def __init__(self, model: keras.Model, tokenizer: TokenizeAndPad, topics: Sequence[str]) -> None:
        """`topics`: the names of the labels, in id order."""
        super().__init__()
        self.tokenizer = tokenizer
        self.topics = tf.constant(topics)
        self.held = [variable.value for variable in model.variables]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serving_default(text: tf.Tensor) -> Outputs:
            probabilities = steady(model, tokenizer(text))
            if probabilities.shape[1] == 1:
                probabilities = tf.concat([1 - probabilities, probabilities], axis=1)
            label = tf.argmax(probabilities, axis=1)
            return {"probabilities": probabilities, "label": label, "topic": tf.gather(self.topics, label)}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve_examples(examples: tf.Tensor) -> Outputs:
            parsed = tf.io.parse_example(examples, {"text": tf.io.FixedLenFeature([], tf.string)})
            return serving_default(parsed["text"])

        self.serving_default, self.serve_examples = serving_default, serve_examples


def save_serving(model: keras.Model, spec: ModelSpec, graph: Path, topics: Sequence[str], target: Model) -> None:
    """Writes `serving/`, `serving.json` and the vocabulary of the Model artifact. `graph`: that of a TransformGraph.

    Signatures: `serving_default` takes `text`: UTF-8 string [batch]; `serve_examples` takes `examples`: string [batch],
    serialized tf.Examples with a feature `text`. Both give Outputs.
    """
    serving = Serving(model, TokenizeAndPad.load(graph), topics)
    signatures = {name: getattr(serving, name) for name in ("serving_default", "serve_examples")}
    tf.saved_model.save(serving, str(target.path / Model.SERVING), signatures)
    vocabulary = (graph / VOCABULARY).read_bytes()
    (target.path / VOCABULARY).write_bytes(vocabulary)
    digest = hashlib.sha256(vocabulary).hexdigest()
    about = ServingAbout(topics=tuple(topics), max_len=spec.max_len, vocabulary_sha256=digest)
    write(target.path / about.FILE, about)
