"""The Beam pipeline that counts words: shards → one Counter a bundle → one Counter → `vocabulary.tsv`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import apache_beam as beam
import tensorflow as tf
from apache_beam.transforms.window import GlobalWindows

from components.preprocessing.batches import read_batches, shards_of
from components.preprocessing.tokenize import split_words
from components.preprocessing.transform_graph import write_vocabulary
from pipeline.data_parallel import beam_pipeline
from pipeline.errors import DataError
from schemas.artifacts import Examples

K = TypeVar("K")

_OVERHEAD = 64
"""Bytes that a text and its label take in a batch besides the text itself, about."""


def write_counted(
    examples: Examples, splits: tuple[str, ...], max_words: int, directory: Path, beam_args: Sequence[str]
) -> None:
    """Counts the words of `splits` and writes the vocabulary into `directory`, `max_words` ids in all (0: all).

    Raises DataError if there are no words.
    """
    with beam_pipeline(beam_args) as pipeline:
        (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples, splits))
            | "Spread" >> beam.Reshuffle()  # or one worker would read them all
            | "Count" >> beam.ParDo(CountWords(int(examples.properties["classes"])))
            | "Add up" >> beam.CombineGlobally(add_up)
            | "Write" >> beam.Map(write_words, splits, max_words, directory)
        )


class CountWords(beam.DoFn):
    """(split, path of a shard) → one Counter of words a bundle: words are never shuffled one by one."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def start_bundle(self) -> None:
        self.counts: Counter[bytes] = Counter()

    def process(self, shard: tuple[str, str]) -> None:
        for documents in read_batches(Path(shard[1]), self.classes, _OVERHEAD):
            words, counts = count_words(tf.constant([document.text.encode() for document in documents]))
            # Not by `update`, which would count the words and not add their counts.
            for word, count in zip(words.numpy().tolist(), counts.numpy().tolist(), strict=True):
                self.counts[word] += count

    def finish_bundle(self) -> Iterator[object]:
        yield GlobalWindows.windowed_value(self.counts)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def count_words(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """UTF-8 `texts`: string [n] → the distinct words: string [m], and how often each occurs: int64 [m]."""
    words, _, counts = tf.unique_with_counts(split_words(texts).values, out_idx=tf.int64)
    return words, counts


def add_up(counters: Iterable[Counter[K]]) -> Counter[K]:
    """One Counter from several. Whole numbers, so in whatever order."""
    total: Counter[K] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def write_words(counts: Counter[bytes], splits: tuple[str, ...], max_words: int, directory: Path) -> None:
    """Writes the vocabulary. Raises DataError if it would be empty."""
    if not counts:
        raise DataError(f"the texts of {', '.join(splits)} have no words in them; there is nothing to learn from")
    write_vocabulary(counts, max_words, directory)
