"""The Beam pipeline that counts words and writes `vocabulary.tsv`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
from apache_beam.transforms.window import GlobalWindows

from components.preprocessing.batches import read_batches, shards_of
from components.text.transform_graph import write_vocabulary
from components.text.words import add_up, count_words, in_order
from pipeline.core.errors import DataError
from pipeline.execution.background import map_in_background
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples

_OVERHEAD = 64
"""The approximate bytes of a document in a batch, in addition to its text."""


def write_counted(
    examples: Examples, splits: tuple[str, ...], max_words: int, directory: Path, beam_args: Sequence[str]
) -> None:
    """Counts the words of `splits` and writes the vocabulary into `directory`.

    `max_words`: the largest number of ids; 0 for no limit. Raises DataError if the texts have no words.
    """
    with beam_pipeline(beam_args) as pipeline:
        (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples, splits))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all shards
            | "Count" >> beam.ParDo(CountWords(int(examples.properties["classes"])))
            | "Add up" >> beam.CombineGlobally(add_up)
            | "Write" >> beam.Map(write_words, splits, max_words, directory)
        )


class CountWords(beam.DoFn):
    """Turns (split, path of a shard) into one table of words per bundle, because shuffling each word would be slow."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def start_bundle(self) -> None:
        self.words = add_up([])

    def process(self, shard: tuple[str, str]) -> None:
        batches = read_batches(Path(shard[1]), self.classes, _OVERHEAD)
        texts = ([document.text.encode() for document in documents] for documents in batches)
        self.words = add_up([self.words, *(counted.words for counted in map_in_background(count_words, texts))])

    def finish_bundle(self) -> Iterator[object]:
        yield GlobalWindows.windowed_value(self.words)


def write_words(words: pa.Table, splits: tuple[str, ...], max_words: int, directory: Path) -> None:
    """Writes the vocabulary. Raises DataError if it would be empty."""
    if not len(words):
        raise DataError(f"the texts of {', '.join(splits)} have no words; there is nothing to learn from")
    write_vocabulary({word: seen.times for word, seen in in_order(words).items()}, max_words, directory)
