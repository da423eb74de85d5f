"""Saves the trained model as a SavedModel that accepts raw texts. It includes the tokenizer, vocabulary and labels."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from msgspec import UNSET

from components.models.predict import steady
from components.models.spec import ModelSpec
from components.text.features import FILE as FEATURES
from components.text.features import read_features
from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import FRONT, VOCABULARY, read_truncate
from components.trainer.signatures import Outputs, ServingColumns, of_text
from schemas.artifacts.model import Model
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import write
from schemas.contracts.training import ServingAbout

NEVER = math.inf
"""A confidence that no text has."""


class Serving(tf.Module):
    """The object to save. It holds the variables and the lookup table, because only objects that it holds are saved."""

    def __init__(
        self,
        model: keras.Model,
        tokenizer: TokenizeAndPad,
        label_names: Sequence[str],
        answers_from: float,
        columns: ServingColumns | None = None,
    ) -> None:
        """`label_names`: in label order; `answers_from`: the confidence from which the model answers.

        `columns`: those of the model; None: one column of texts.
        """
        super().__init__()
        self.tokenizer = tokenizer
        self.topics = tf.constant(label_names)  # attribute names become part of the SavedModel
        self.held = [variable.value for variable in model.variables]

        def answers(inputs: Any) -> Outputs:
            probabilities = steady(model, inputs)
            if probabilities.shape[1] == 1:
                probabilities = tf.concat([1 - probabilities, probabilities], axis=1)
            label = tf.argmax(probabilities, axis=1)
            answered = tf.reduce_max(probabilities, axis=1) >= answers_from
            topic = tf.gather(self.topics, label)
            return {"probabilities": probabilities, "label": label, "topic": topic, "answered": answered}

        if columns is None:
            serving_default, serve_examples = of_text(tokenizer, answers)
        else:
            self.columns = columns
            serving_default, serve_examples = columns.functions(tokenizer, answers)

        @tf.function(input_signature=[], autograph=False)
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
    text_columns: Sequence[str] = (),
) -> None:
    """Writes `Format-Serving/`, `serving.json` and the vocabulary of the Model artifact `target`.

    `graph`: the directory of a TransformGraph; `label_names`: in label order; `untrained`: those without a training
    example; `text_columns`: the columns whose texts are joined, if there are several. The SavedModel has three
    signatures. `serving_default` accepts `text`: UTF-8 string [batch], or each column by its name. `serve_examples`
    accepts `examples`: string [batch], serialized tf.Examples with a feature `text`, or with these columns. Both return
    Outputs. `labels` accepts nothing and returns `labels`: string [classes], the names of the columns of
    `probabilities`.
    """
    abstention = confidence.abstention if confidence else UNSET
    answers_from = abstention.answers_from if abstention else 0.0
    features = read_features(graph)
    columns = ServingColumns(text_columns, features) if text_columns or features else None
    limit = NEVER if answers_from is None else answers_from
    serving = Serving(model, TokenizeAndPad.load(graph), label_names, limit, columns)
    signatures = {name: getattr(serving, name) for name in ("serving_default", "serve_examples", "labels")}
    tf.saved_model.save(serving, str(target.path / Model.SERVING), signatures)
    vocabulary = (graph / VOCABULARY).read_bytes()
    (target.path / VOCABULARY).write_bytes(vocabulary)
    side = read_truncate(graph)
    digest = hashlib.sha256(vocabulary).hexdigest()
    about = ServingAbout(
        topics=tuple(label_names),
        untrained=tuple(untrained) or UNSET,
        max_len=spec.max_len,
        truncate=UNSET if side == FRONT else side,
        vocabulary_sha256=digest,
        text_columns=tuple(text_columns) or UNSET,
        feature_columns={feature.name: feature.kind for feature in features} or UNSET,
        features_sha256=hashlib.sha256((graph / FEATURES).read_bytes()).hexdigest() if features else UNSET,
        answers_from=answers_from,
    )
    write(target.path / about.FILE, about)
