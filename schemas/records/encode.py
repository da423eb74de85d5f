"""Encodes the tf.train.Examples that `examples` describes, many at once: one message per record is five times slower.

Equal values give equal bytes: features are sorted by name, as in deterministic serialization of one message.
Imports TensorFlow: only what runs a component may import this module.
"""

from collections.abc import Sequence

import tensorflow as tf

from schemas.records.examples import Document


def encode_documents(documents: Sequence[Document]) -> list[bytes]:
    """Returns the serialized Example of each document."""
    # One message is filled again for each document. Each call creates a new one, because a message never frees memory.
    message = tf.train.Example()
    feature = message.features.feature
    id_, text, label = feature["id"].bytes_list, feature["text"].bytes_list, feature["label"].int64_list
    records = []
    for document in documents:
        id_.value[:] = [document.id.encode()]
        text.value[:] = [document.text.encode()]
        label.value[:] = [document.label]
        for name, value in document.features:
            if isinstance(value, str):
                feature[name].bytes_list.value[:] = [value.encode()]
            else:
                feature[name].float_list.value[:] = [value]
        records.append(message.SerializeToString(deterministic=True))  # a proto map has no fixed order
    return records


def encode_document(document: Document) -> bytes:
    """Returns the serialized Example of one document."""
    [record] = encode_documents([document])
    return record


def encode_tokens(ids: tf.Tensor, tokens: tf.Tensor, labels: tf.Tensor, features: tf.Tensor = None) -> tf.Tensor:
    """Encodes `ids`: string [n], `tokens`: int [n, length] and `labels`: int [n] as serialized Examples: string [n].

    `features`: float32 [n, width]; None if there are none.
    """
    return _example(
        **({} if features is None else {"features": _feature("float_list", features)}),
        id=_feature("bytes_list", ids[:, None]),
        label=_feature("int64_list", tf.cast(labels, tf.int64)[:, None]),
        tokens=_feature("int64_list", tf.cast(tokens, tf.int64)),
    )


_LISTS = {
    "bytes_list": "tensorflow.BytesList",
    "float_list": "tensorflow.FloatList",
    "int64_list": "tensorflow.Int64List",
}


def _feature(kind: str, values: tf.Tensor) -> tf.Tensor:
    """Encodes `values`: [n, number] as serialized Features: string [n]."""
    return _message("tensorflow.Feature", **{kind: _message(_LISTS[kind], value=values)[:, None]})


def _example(**features: tf.Tensor) -> tf.Tensor:
    """Encodes `features`: string [n] each, as serialized Examples: string [n]."""
    entries = [
        _message("tensorflow.Features.FeatureEntry", key=tf.fill([tf.size(feature), 1], name), value=feature[:, None])
        for name, feature in sorted(features.items())
    ]
    return _message(
        "tensorflow.Example", features=_message("tensorflow.Features", feature=tf.stack(entries, axis=1))[:, None]
    )


def _message(message_type: str, **fields: tf.Tensor) -> tf.Tensor:
    """Encodes `fields`: [n, number] each, as serialized messages of one type: string [n]."""
    shapes = [tf.shape(values) for values in fields.values()]
    sizes = tf.stack([tf.fill(shape[:1], shape[1]) for shape in shapes], axis=1)
    return tf.io.encode_proto(sizes, list(fields.values()), list(fields), message_type)
