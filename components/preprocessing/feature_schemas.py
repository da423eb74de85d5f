"""Writes the Schemas of raw and of transformed features into a TransformGraph, where TensorFlow Transform reads them.

Light to import.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.shared.columns import CATEGORY, NUMBER

if TYPE_CHECKING:
    from components.text.features import Feature

RAW, TRANSFORMED = "metadata", "transformed_metadata"
"""The folders of the two Schemas."""


def write_schemas(
    directory: Path, max_len: int, vocabulary_size: int, classes: int, features: "Sequence[Feature]" = ()
) -> None:
    """Writes `metadata/schema.pbtxt` and `transformed_metadata/schema.pbtxt`: names, types, shapes and ranges.

    Raw features: `id`, `text`, `label`. Transformed features: `id`, `tokens`, `label`. With `features`, the raw ones
    also have these columns, and the transformed ones have `features`.
    """
    kinds = {NUMBER: schema_pb2.FLOAT, CATEGORY: schema_pb2.BYTES}
    more = {
        RAW: [_feature(feature.name, kinds[feature.kind], 1) for feature in features],
        TRANSFORMED: [_feature("features", schema_pb2.FLOAT, sum(f.width for f in features))] if features else [],
    }
    text, tokens = _bytes("text"), _ints("tokens", max_len, vocabulary_size)
    for folder, middle in ((RAW, text), (TRANSFORMED, tokens)):
        schema = schema_pb2.Schema(feature=[_bytes("id"), middle, _ints("label", 1, classes), *more[folder]])
        path = directory / folder / "schema.pbtxt"
        path.parent.mkdir()
        path.write_text(text_format.MessageToString(schema), encoding="utf-8")


def _bytes(name: str) -> schema_pb2.Feature:
    return _feature(name, schema_pb2.BYTES, 1)


def _ints(name: str, size: int, values: int) -> schema_pb2.Feature:
    """A feature of `size` integers in 0..values - 1."""
    feature = _feature(name, schema_pb2.INT, size)
    feature.int_domain.CopyFrom(schema_pb2.IntDomain(min=0, max=values - 1, is_categorical=True))
    return feature


def _feature(name: str, kind: "schema_pb2.FeatureType.ValueType", size: int) -> schema_pb2.Feature:
    feature = schema_pb2.Feature(name=name, type=kind)
    feature.presence.CopyFrom(schema_pb2.FeaturePresence(min_fraction=1, min_count=1))
    feature.shape.dim.add(size=size)
    return feature
