"""Reads the token ids of a split for the trainer and the evaluator: as arrays, or as a tf.data.Dataset."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.text.arrays import Batch, Split
from components.text.read_ahead import PARALLEL_CALLS, read_ahead
from pipeline.core.errors import DataError, near_match
from schemas.artifacts.examples import TransformedExamples
from schemas.records.tfrecord import read_records

_PARSE_BATCH = 1024
"""The number of examples that are parsed together, which is four times faster than one by one."""

OUTSIDE = "out of range: a"
"""A part of TensorFlow's error message if `make_dataset` finds a token id or a label out of its range."""

_SHARDS_IN_TURN = 4
"""The number of shards that are read alternately."""

_FIX = "run Preprocessing again (--force=Preprocessing)"


def load_split(transformed: TransformedExamples, split: str) -> Split:
    """Reads a complete split into memory and checks it.

    Raises DataError if the split is missing, empty or incomplete, if a file is damaged, or if a token id or a label is
    out of its range.
    """
    batches = list(read_batches(transformed, split, split_files(transformed, split), _PARSE_BATCH))
    check_count(transformed, split, sum(len(batch.ids) for batch in batches))
    ids, tokens, labels = (np.concatenate([getattr(b, name) for b in batches]) for name in ("ids", "tokens", "labels"))
    order = np.argsort(ids)
    features = np.concatenate([b.features for b in batches])[order] if batches[0].features is not None else None
    return Split(tokens[order], labels[order], features)


def read_batches(
    transformed: TransformedExamples, split: str, files: Sequence[Path], batch_size: int
) -> Iterator[Batch]:
    """Reads shards of a split one after the other in batches and checks them. The last batch may be smaller.

    Raises DataError if a file is damaged, or a token id or a label is out of its range.
    """
    # One pipeline of tf.data for all files: each takes 0.1 s to build.
    parsed = _records([str(path) for path in files]).batch(batch_size).map(_parser(transformed), PARALLEL_CALLS)
    try:
        for ids, inputs, labels in read_ahead(parsed).as_numpy_iterator():
            tokens, features = inputs if isinstance(inputs, tuple) else (inputs, None)
            _check_range(split, "token id", tokens, ids, int(transformed.properties["vocabulary_size"]))
            _check_range(split, "label", labels, ids, int(transformed.properties["classes"]))
            yield Batch(tokens.astype(np.int32), labels.astype(np.int32), features, ids=ids)
    except (tf.errors.DataLossError, tf.errors.InvalidArgumentError) as error:
        _raise_at_record(files, transformed)
        raise DataError(f"{files[0].parent} cannot be read: {error.message}; {_FIX}") from error


def make_dataset(
    transformed: TransformedExamples,
    split: str,
    batch_size: int,
    epoch_seeds: Sequence[int],
    *,
    window: int = 0,
    shuffle: bool = True,
) -> tf.data.Dataset:
    """Returns a Dataset of (tokens: int32 [batch, max_len], label: int32 [batch]), one epoch for each of `epoch_seeds`.

    The seed alone decides an epoch's order, also after other epochs. The last batch of an epoch may be smaller.
    `window` 0: the split is read once, stored in memory and shuffled completely. Otherwise each epoch reads it again,
    from several shards alternately, and shuffles within `window` examples: memory does not grow with the data.
    Raises DataError if the split is missing; tf.errors.InvalidArgumentError on a token id or a label out of its range.
    """  # fmt: skip
    files = tf.data.Dataset.from_tensor_slices([str(path) for path in split_files(transformed, split)])
    records = files.interleave(_records, cycle_length=_SHARDS_IN_TURN, block_length=_PARSE_BATCH)
    parsed = records.batch(_PARSE_BATCH).map(_parser(transformed), PARALLEL_CALLS)
    checked = parsed.map(_checker(transformed), PARALLEL_CALLS)
    if not window:
        checked = checked.cache()  # before the shuffle, otherwise every epoch repeats the first one's order

    def epoch(seed: tf.Tensor) -> tf.data.Dataset:
        # A fixed seed for this graph. Otherwise the process's seed changes the order, and a process seed of 0 fails:
        # TensorFlow then compares the tensor `seed` with 0.
        tf.compat.v1.set_random_seed(1)
        examples = checked.unbatch()
        if shuffle:
            examples = examples.shuffle(window or int(transformed.properties[f"{split}_examples"]), seed)
        return examples.batch(batch_size)

    seeds = tf.data.Dataset.from_tensor_slices(tf.constant(list(epoch_seeds), tf.int64))
    return read_ahead(seeds.flat_map(epoch))


def split_files(transformed: TransformedExamples, split: str) -> list[Path]:
    """Returns the shards of a split, in order. Raises DataError with the nearest name if the split is missing."""
    files = transformed.files(split)
    if not files:
        known = near_match(split, transformed.splits)
        raise DataError(f"{transformed.path} has no split '{split}'{known}; ingest one or name another")
    return files


def _records(files: tf.Tensor) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(files, compression_type="GZIP")


def _parser(transformed: TransformedExamples) -> Callable[[tf.Tensor], tuple[tf.Tensor, Any, tf.Tensor]]:
    """Returns a parser of records: string [n] → ids: string [n], tokens: int64 [n, max_len], labels: int64 [n].

    In place of the tokens: (tokens, features: float32 [n, width]), if there are features.
    """
    width = int(transformed.properties.get("features", 0))
    features = {
        "id": tf.io.FixedLenFeature([], tf.string),
        "tokens": tf.io.FixedLenFeature([int(transformed.properties["max_len"])], tf.int64),
        "label": tf.io.FixedLenFeature([], tf.int64),
        **({"features": tf.io.FixedLenFeature([width], tf.float32)} if width else {}),
    }

    def parse(records: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        parsed = tf.io.parse_example(records, features)
        inputs = (parsed["tokens"], parsed["features"]) if width else parsed["tokens"]
        return parsed["id"], inputs, parsed["label"]

    return parse


def _checker(transformed: TransformedExamples) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """Returns a function that checks the ranges in a batch of ids, tokens and labels, and drops the ids."""
    sizes = {name: int(transformed.properties[name]) for name in ("vocabulary_size", "classes")}

    def check(_: tf.Tensor, inputs: Any, labels: tf.Tensor) -> tuple[Any, tf.Tensor]:
        tokens, *features = inputs if isinstance(inputs, tuple) else (inputs,)
        for what, values, size in (("token id", tokens, "vocabulary_size"), ("label", labels, "classes")):
            inside = tf.reduce_all((values >= 0) & (values < sizes[size]))
            tf.debugging.Assert(inside, [f"{OUTSIDE} {what} is not in 0..{sizes[size] - 1}"])
        cast = tf.cast(tokens, tf.int32)
        return (cast, *features) if features else cast, tf.cast(labels, tf.int32)

    return check


def _raise_at_record(files: Sequence[Path], transformed: TransformedExamples) -> None:
    """Reads the files record by record, to find the one that TensorFlow rejected and name it in an error."""
    parse, max_len = _parser(transformed), int(transformed.properties["max_len"])
    for path in files:
        for number, record in enumerate(read_records(path)):
            try:
                parse(tf.constant([record]))
            except tf.errors.InvalidArgumentError as error:
                raise DataError(
                    f"{path}: record {number} is not an Example with one id, {max_len} tokens and one label: "
                    f"{error.message}; {_FIX}"
                ) from error


def check_count(transformed: TransformedExamples, split: str, found: int) -> None:
    """Raises DataError if a split is empty, or `found` is not its number of examples."""
    where, expected = transformed.split_dir(split), int(transformed.properties[f"{split}_examples"])
    if found == expected == 0:
        raise DataError(f"{where} is empty; add documents for {split} to the source")
    if found != expected:
        # TensorFlow reads a GZIP file that is cut short without an error, as if its records ended there.
        _raise_at_record(transformed.files(split), transformed)
        raise DataError(f"{where} holds {found:,} examples of {expected:,}: a shard is missing; {_FIX}")


def _check_range(
    split: str, what: str, values: npt.NDArray[np.int64], ids: npt.NDArray[np.object_], count: int
) -> None:
    wrong = (values < 0) | (values >= count)
    if wrong.any():
        first = tuple(np.argwhere(wrong)[0])
        raise DataError(
            f"{what} {values[first]} of {ids[first[0]].decode()} in Split-{split} is outside 0..{count - 1}; {_FIX}"
        )
