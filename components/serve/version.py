"""A version of a model in memory, and what TensorFlow Serving says about it. Imports TensorFlow."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray
from tensorflow.core.protobuf import saved_model_pb2

from components.serve.requests import LABELS, Cell, ClassifyRequest, texts_wanted
from components.serving.choose import VersionDir, open_version
from components.serving.columns import Columns
from components.serving.served_model import BATCH, ServedModel
from components.text.transform_graph import KERAS, has_parts
from schemas.artifacts.serving_dir import SAVED_MODEL, ModelDir

Outputs = Mapping[str, NDArray[Any]]
"""The outputs of a signature by name, each with a row for each value."""


class LoadedVersion:
    """A version in memory. A request holds it until it is answered. Several threads may use it at once."""

    def __init__(
        self, model: str, number: int, served: ServedModel, metadata: bytes, fixed_batch: bool = False
    ) -> None:
        """`fixed_batch`: whether each call has BATCH values, so that an answer has the same bits in every batch."""
        self.model, self.number, self.metadata = model, number, metadata
        self._size = BATCH if fixed_batch else 0
        self.labels, self.columns = served.labels, served.columns
        self.tokenizer = str(served.about.settings.get("tokenizer", KERAS))
        self._served = served

    @classmethod
    def load(cls, directory: ModelDir, number: int, fixed_batch: bool = False) -> "LoadedVersion":
        """Checks the digests of a version, loads it, and calls it once, because the first call is slow.

        Raises ConfigError if there is no such version, DataError if it is damaged, and other exceptions of TensorFlow
        if it does not work.
        """
        version = open_version(directory, number)
        served = ServedModel.load(version)
        loaded = cls(directory.name, number, served, _metadata(directory.name, version), fixed_batch)
        signature, values = texts_wanted(ClassifyRequest([_first(served.columns)] * 2), served.columns)
        loaded.call(signature, values)
        return loaded

    def call(self, signature: str, values: Sequence[bytes]) -> Outputs:
        """Calls a signature with its only input. `values`: at most BATCH."""
        if not values or len(values) >= self._size:
            return self._served.call(signature, values)
        padded = [*values, *[values[0]] * (self._size - len(values))]
        return {name: rows[: len(values)] for name, rows in self._served.call(signature, padded).items()}

    @cached_property
    def vocabulary(self) -> frozenset[bytes] | None:
        """The words that the model knows; None if it does not say, or reads other words as their parts.

        Read when it is needed first.
        """
        found = self._served.vocabulary()
        return None if found and has_parts(found) else found

    def label_names(self) -> Outputs:
        """Returns the output of the signature `labels`."""
        return {LABELS: np.array([label.encode() for label in self.labels], object)}


def _first(columns: Columns) -> str | dict[str, Cell]:
    """Returns a row for the first call."""
    if columns.plain:
        return "one"
    return {name: None if name in columns.features else "one" for name in columns.names}


def _metadata(model: str, version: VersionDir) -> bytes:
    """Returns the answer of `/metadata`: the signatures in the form of TensorFlow Serving."""
    saved = saved_model_pb2.SavedModel.FromString((version.path / SAVED_MODEL).read_bytes())
    signatures = {
        name: json_format.MessageToDict(
            signature, including_default_value_fields=True, preserving_proto_field_name=True
        )
        for name, signature in saved.meta_graphs[0].signature_def.items()
    }
    spec = {"name": model, "signature_name": "", "version": str(version.about.version)}
    return json.dumps(
        {"model_spec": spec, "metadata": {"signature_def": {"signature_def": signatures}}}, indent=1
    ).encode()
