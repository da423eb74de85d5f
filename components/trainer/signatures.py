"""The signatures of a served model: one text, or the values of several columns by their names. Imports TensorFlow."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from components.shared.columns import DTYPES, input_name, mark
from components.text.features import EncodeFeatures, Feature
from components.text.tokenize import TokenizeAndPad

Outputs = dict[str, tf.Tensor]
"""`probabilities`: float32 [batch, classes]; `label`: int64 [batch]; `topic`: string [batch], the name of the label;
`answered`: bool [batch], whether the label is certain enough to be used."""

Answers = Callable[[Any], Outputs]
"""The inputs of the model → its answers."""

_TEXT = tf.io.FixedLenFeature([], tf.string)


def of_text(tokenizer: TokenizeAndPad, answers: Answers) -> tuple[Any, Any]:
    """Returns `serving_default` and `serve_examples` of a model that reads one column of texts."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")], autograph=False)
    def serving_default(text: tf.Tensor) -> Outputs:
        return answers(tokenizer(text))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False)
    def serve_examples(examples: tf.Tensor) -> Outputs:
        return serving_default(tf.io.parse_example(examples, {"text": _TEXT})["text"])

    return serving_default, serve_examples


class ServingColumns(tf.Module):
    """The columns of a model that reads several. It holds their tables, which are saved with the model."""

    def __init__(self, texts: Sequence[str], features: tuple[Feature, ...]) -> None:
        """`texts`: the columns whose texts are joined; empty if there is one."""
        super().__init__()
        self.texts, self.encode = tuple(texts), EncodeFeatures(features)

    @property
    def inputs(self) -> dict[str, tf.TensorSpec]:
        """The inputs of `serving_default` by column."""
        texts = dict.fromkeys(self.texts or ("text",), "string")
        kinds = texts | {feature.name: DTYPES[feature.kind] for feature in self.encode.features}
        return {name: tf.TensorSpec([None], kind, name=input_name(name)) for name, kind in kinds.items()}

    def functions(self, tokenizer: TokenizeAndPad, answers: Answers) -> tuple[Any, Any]:
        """Returns `serving_default`, which takes the columns, and `serve_examples`, which takes them in tf.Examples.

        In an Example, a column may be missing, and `text` may be the texts that are joined already.
        """
        names = {input_name(name): name for name in self.inputs}

        def of_columns(text: tf.Tensor, values: Mapping[str, tf.Tensor]) -> Outputs:
            tokens = tokenizer(text)
            return answers((tokens, self.encode(values)) if self.encode.features else tokens)

        @tf.function(autograph=False)
        def serving_default(**given: tf.Tensor) -> Outputs:
            values = {names[name]: tensor for name, tensor in given.items()}
            return of_columns(self._joined(values) if self.texts else values["text"], values)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False)
        def serve_examples(examples: tf.Tensor) -> Outputs:
            empty = tf.io.FixedLenFeature([], tf.string, "")
            texts = dict.fromkeys(("text", *self.texts), empty) if self.texts else {"text": _TEXT}
            values = tf.io.parse_example(examples, texts | self.encode.parsed)
            text = values["text"]
            return of_columns(tf.where(text == "", self._joined(values), text) if self.texts else text, values)

        specs = {spec.name: spec for spec in self.inputs.values()}
        return serving_default.get_concrete_function(**specs), serve_examples

    def _joined(self, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """As `join_texts`."""
        marked = [tf.strings.join([mark(n) + " ", values[name]]) for n, name in enumerate(self.texts, start=1)]
        return tf.strings.join(marked, separator="\n")
