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
from schemas.records.parse import AT_ONCE, parse_shards
from schemas.records.tfrecord import read_records

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
    batches = list(read_batches(transformed, split, split_files(transformed, split), AT_ONCE))
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
    try:
        for batch in parse_shards(files, _features(transformed), batch_size):
            ids, tokens, labels = batch["id"], batch["tokens"], batch["label"]
            _check_range(split, "token id", tokens, ids, int(transformed.properties["vocabulary_size"]))
            _check_range(split, "label", labels, ids, int(transformed.properties["classes"]))
            yield Batch(tokens.astype(np.int32), labels.astype(np.int32), batch.get("features"), ids=ids)
    except tf.errors.InvalidArgumentError as error:
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
    records = files.interleave(_records, cycle_length=_SHARDS_IN_TURN, block_length=AT_ONCE)
    parsed = records.batch(AT_ONCE).map(_parser(transformed), PARALLEL_CALLS)
    if not window:
        parsed = parsed.cache()  # before the shuffle, otherwise every epoch repeats the first one's order

    @tf.autograph.experimental.do_not_convert
    def epoch(seed: tf.Tensor) -> tf.data.Dataset:
        # A fixed seed for this graph. Otherwise the process's seed changes the order, and a process seed of 0 fails:
        # TensorFlow then compares the tensor `seed` with 0.
        tf.compat.v1.set_random_seed(1)
        examples = parsed.unbatch()
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


@tf.autograph.experimental.do_not_convert
def _records(file: tf.Tensor) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(file, compression_type="GZIP")


def _features(transformed: TransformedExamples) -> dict[str, tf.io.FixedLenFeature]:
    """Returns the features of a record: `id`, `tokens`, `label`, and `features` if there are any."""
    width = int(transformed.properties.get("features", 0))
    return {
        "id": tf.io.FixedLenFeature([], tf.string),
        "tokens": tf.io.FixedLenFeature([int(transformed.properties["max_len"])], tf.int64),
        "label": tf.io.FixedLenFeature([], tf.int64),
        **({"features": tf.io.FixedLenFeature([width], tf.float32)} if width else {}),
    }


def _parser(transformed: TransformedExamples) -> Callable[[tf.Tensor], tuple[Any, tf.Tensor]]:
    """Returns a function that parses records: string [n], and checks the ranges of token ids and labels.

    It returns tokens: int32 [n, max_len], and labels: int32 [n]. In place of the tokens: (tokens, features: float32 [n,
    width]), if there are features.
    """
    wanted = _features(transformed)
    sizes = {name: int(transformed.properties[name]) for name in ("vocabulary_size", "classes")}

    @tf.autograph.experimental.do_not_convert
    def parse(records: tf.Tensor) -> tuple[Any, tf.Tensor]:
        parsed = tf.io.parse_example(records, wanted)
        tokens, labels = parsed["tokens"], parsed["label"]
        for what, values, size in (("token id", tokens, "vocabulary_size"), ("label", labels, "classes")):
            inside = tf.reduce_all((values >= 0) & (values < sizes[size]))
            tf.debugging.Assert(inside, [f"{OUTSIDE} {what} is not in 0..{sizes[size] - 1}"])
        cast = tf.cast(tokens, tf.int32)
        return (cast, parsed["features"]) if "features" in wanted else cast, tf.cast(labels, tf.int32)

    return parse


def _raise_at_record(files: Sequence[Path], transformed: TransformedExamples) -> None:
    """Reads the files record by record, to find the one that TensorFlow rejected and name it in an error."""
    features, max_len = _features(transformed), int(transformed.properties["max_len"])
    for path in files:
        for number, record in enumerate(read_records(path)):
            try:
                tf.io.parse_example([record], features)
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
