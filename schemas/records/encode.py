"""Makes the tf.train.Examples that `examples` describes, many at once: a message a record is five times slower.

Equal values give equal bytes: features in order of their names, as deterministic serialization of one message has it.
Imports TensorFlow: only what runs a component may import this module.
"""

from collections.abc import Sequence

import tensorflow as tf

from schemas.records.examples import Document


def encode_documents(documents: Sequence[Document]) -> list[bytes]:
    """The serialized Example of each document."""
    # One message, filled again and again. A new one for every list: it keeps all it ever held.
    message = tf.train.Example()
    feature = message.features.feature
    id_, text, label = feature["id"].bytes_list, feature["text"].bytes_list, feature["label"].int64_list
    made = []
    for document in documents:
        id_.value[:] = [document.id.encode()]
        text.value[:] = [document.text.encode()]
        label.value[:] = [document.label]
        made.append(message.SerializeToString(deterministic=True))  # a proto map has no order of its own
    return made


def encode_document(document: Document) -> bytes:
    """The serialized Example of one document."""
    [record] = encode_documents([document])
    return record


def encode_tokens(ids: tf.Tensor, tokens: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """The serialized Examples of `ids`: string [n], `tokens`: int [n, length] and `labels`: int [n] → string [n]."""
    return _example(
        id=_feature("bytes_list", ids[:, None]),
        label=_feature("int64_list", tf.cast(labels, tf.int64)[:, None]),
        tokens=_feature("int64_list", tf.cast(tokens, tf.int64)),
    )


_LISTS = {"bytes_list": "tensorflow.BytesList", "int64_list": "tensorflow.Int64List"}


def _feature(kind: str, values: tf.Tensor) -> tf.Tensor:
    """Features of `values`: [n, number] → string [n]."""
    return _message("tensorflow.Feature", **{kind: _message(_LISTS[kind], value=values)[:, None]})


def _example(**features: tf.Tensor) -> tf.Tensor:
    """Examples of `features`: string [n] each → string [n]."""
    entries = [
        _message("tensorflow.Features.FeatureEntry", key=tf.fill([tf.size(feature), 1], name), value=feature[:, None])
        for name, feature in sorted(features.items())
    ]
    return _message(
        "tensorflow.Example", features=_message("tensorflow.Features", feature=tf.stack(entries, axis=1))[:, None]
    )


def _message(message_type: str, **fields: tf.Tensor) -> tf.Tensor:
    """Messages with `fields`: [n, number] each → string [n]."""
    shapes = [tf.shape(values) for values in fields.values()]
    sizes = tf.stack([tf.fill(shape[:1], shape[1]) for shape in shapes], axis=1)
    return tf.io.encode_proto(sizes, list(fields.values()), list(fields), message_type)
