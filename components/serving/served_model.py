"""A loaded model: texts → predictions, with the bits that the evaluation had. Imports TensorFlow."""

import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.serving.choose import VersionDir
from components.serving.columns import Columns, Given
from components.serving.predictions import Predictions
from components.serving.signature import check_signature
from components.shared.plain_path import plain_path
from pipeline.core.errors import ConfigError, DataError
from schemas.contracts.push import Version

EXAMPLES = "serve_examples"
"""The signature that takes tf.train.Examples."""

BATCH = 256
"""Texts in one call of the model, as in the evaluation, because the last bits of a probability may depend on it: see
`components/models/predict.py`."""


class ServedModel:
    """A version of a model in memory. Several threads may use it at once."""

    def __init__(self, about: Version, loaded: Any, labels: tuple[str, ...]) -> None:
        """`loaded`: the SavedModel; `labels`: the names of its labels, in order."""
        self.about, self.labels, self.columns = about, labels, Columns.of(about)
        self._loaded = loaded  # a reference: a signature does not hold the variables
        self._signatures = dict(loaded.signatures)
        self._serve = self._signatures["serving_default"]
        # TensorFlow keeps the vocabularies of models that are gone.
        weakref.finalize(self, _destroy, _tables(loaded)).atexit = False

    @classmethod
    def load(cls, version: VersionDir) -> "ServedModel":
        """Loads a version. Raises DataError if TensorFlow cannot load it, or if it is not a model of Refit."""
        try:
            with plain_path(version.path) as plain:
                loaded = tf.saved_model.load(str(plain))
            inputs = Columns.of(version.about).inputs
            check_signature(loaded.signatures, version.path, version.about.labels, inputs)
            names = loaded.signatures["labels"]()["labels"].numpy() if not version.about.labels else ()
        except (ValueError, OSError, KeyError, tf.errors.OpError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(f"{version.path} cannot be loaded: {first}; push the model again") from error
        return cls(version.about, loaded, version.about.labels or tuple(name.decode() for name in names))

    def predict(self, texts: Iterable[Given]) -> Predictions:
        """Predicts texts of any length; an empty text is predicted as well.

        A model of several columns takes a row in place of a text: the values by the names of the columns.
        Raises DataError if one of them is not a text or cannot be encoded as UTF-8, and ConfigError if `texts` is a
        single text.
        """
        if isinstance(texts, (str, bytes)):
            raise ConfigError("predict takes several texts; write predict([text])")
        given = list(texts)
        parts = [self._predict(given[start : start + BATCH], start) for start in range(0, len(given), BATCH)]
        probabilities = [np.zeros([0, len(self.labels)], np.float32), *(part[0] for part in parts)]
        answered = [np.zeros([0], bool), *(part[1] for part in parts)]
        return Predictions(self.labels, np.concatenate(probabilities), np.concatenate(answered))

    def call(self, signature: str, values: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Calls a signature with one input, such as `serve_examples`. Returns its outputs by name."""
        function = self._signatures[signature]
        (name,) = function.structured_input_signature[1]
        outputs = function(**{name: tf.constant(list(values), tf.string, [len(values)])})
        return {name: value.numpy() for name, value in outputs.items()}

    def vocabulary(self) -> frozenset[bytes] | None:
        """Returns the words of the tokenizer; None if it is not one of Refit's."""
        table = getattr(getattr(self._loaded, "tokenizer", None), "table", None)
        if table is None:
            return None
        words, _ = tf.raw_ops.LookupTableExportV2(table_handle=table.resource_handle, Tkeys=tf.string, Tvalues=tf.int32)
        return frozenset(words.numpy().tolist())

    def _predict(self, texts: Sequence[Given], first: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        if self.columns.plain:
            given = [encoded(text, first + number) for number, text in enumerate(texts)]
            outputs = self._serve(text=tf.constant(given, tf.string))
        else:
            given = [self.columns.value(row, f"row {first + number}") for number, row in enumerate(texts)]
            outputs = self._signatures[EXAMPLES](examples=tf.constant(given, tf.string))
        probabilities = outputs["probabilities"].numpy()
        if "answered" not in outputs:  # a model that was pushed by Refit 0.1 answers every text
            return probabilities, np.ones([len(texts)], bool)
        return probabilities, outputs["answered"].numpy()


def _tables(loaded: object) -> list[tf.Tensor]:
    """Returns the handles of the lookup tables of a SavedModel."""
    held = tf.train.TrackableView(loaded).descendants()
    return [item.resource_handle for item in held if hasattr(item, "resource_handle")]


_eagerly = tf.__internal__.eager_context.eager_mode
"""Leaves any graph. `tf.init_scope` leaves only that of a function."""


def _destroy(tables: Sequence[tf.Tensor]) -> None:
    with _eagerly():  # the garbage collector may call this while a graph is built
        for table in tables:
            tf.raw_ops.DestroyResourceOp(resource=table)


def encoded(text: Given, number: int) -> bytes:
    """Returns a text as UTF-8 with the line ends of the training data. `number`: its place, for the error."""
    if not isinstance(text, str):
        raise DataError(f"text {number} is of type {type(text).__name__}; texts must be of type str")
    try:
        return text.replace("\r\n", "\n").replace("\r", "\n").encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"text {number} is not Unicode: it has half of a surrogate pair after {error.start:,} characters; "
            "replace it, for example by text.encode(errors='replace').decode()"
        ) from error
