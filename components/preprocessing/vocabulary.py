"""The Beam pipeline that counts words and writes `vocabulary.tsv`."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from components.preprocessing.batches import read_batches, shards_of
from components.preprocessing.settings import PreprocessingSettings
from components.text.count_parts import are_needed, with_parts
from components.text.transform_graph import count_ids, has_parts, read_vocabulary, write_vocabulary
from components.text.words import add_up, count_words, in_order
from pipeline.core.errors import DataError
from pipeline.execution.background import map_in_background
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples

_OVERHEAD = 64
"""The approximate bytes of a document in a batch, in addition to its text."""


MEASURED = "train"
"""The split whose texts set the length, if a percentile sets it."""


def write_counted(
    examples: Examples,
    splits: tuple[str, ...],
    settings: PreprocessingSettings,
    directory: Path,
    beam_args: Sequence[str],
    lengths: Path | None = None,
) -> None:
    """Counts the words of `splits` and writes the vocabulary into `directory`.

    `lengths`: a file for the number of texts in MEASURED by their number of words, as JSON.
    Raises DataError if the texts have no words.
    """
    read = splits if lengths is None else tuple(dict.fromkeys((*splits, MEASURED)))
    with beam_pipeline(beam_args) as pipeline:
        counted = (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples, read))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all shards
            | "Count"
            >> beam.ParDo(CountWords(int(examples.properties["classes"]), splits, settings.tokenizer)).with_outputs(
                "lengths", main="words"
            )
        )
        (
            counted.words
            | "Add up" >> beam.CombineGlobally(add_up)
            | "Write" >> beam.Map(write_words, splits, settings.max_words, settings.parts, directory)
        )
        if lengths:
            (
                counted.lengths
                | "Add up lengths" >> beam.CombineGlobally(add_up_lengths)
                | "Write lengths" >> beam.Map(write_lengths, lengths)
            )


class CountWords(beam.DoFn):
    """Turns (split, path of a shard) into one table of words per bundle, because shuffling each word would be slow.

    Output `lengths` gets one Counter per bundle: the number of texts in MEASURED by their number of words.
    """

    def __init__(self, classes: int, splits: tuple[str, ...], tokenizer: str) -> None:
        """`splits`: those whose words are counted; `tokenizer`: one of TOKENIZERS."""
        self.classes, self.splits, self.tokenizer = classes, splits, tokenizer

    def start_bundle(self) -> None:
        self.words = add_up([])
        self.lengths: Counter[int] = Counter()

    def process(self, shard: tuple[str, str]) -> None:
        split, path = shard
        batches = read_batches(Path(path), self.classes, _OVERHEAD)
        texts = ([document.text.encode() for document in documents] for documents in batches)
        tables = [self.words]
        for counted in map_in_background(partial(count_words, tokenizer=self.tokenizer), texts):
            if split in self.splits:
                tables.append(counted.words)
            if split == MEASURED:
                self.lengths.update(counted.lengths.tolist())
        self.words = add_up(tables)

    def finish_bundle(self) -> Iterator[object]:
        yield GlobalWindows.windowed_value(self.words)
        yield TaggedOutput("lengths", GlobalWindows.windowed_value(self.lengths))


def add_up_lengths(some: Iterable[Counter[int]]) -> Counter[int]:
    """Returns the sum of Counters. They are integers, so their order does not matter."""
    total: Counter[int] = Counter()
    for counter in some:
        total.update(counter)
    return total


def write_lengths(lengths: Counter[int], path: Path) -> None:
    """Writes the number of texts by their number of words, as JSON."""
    path.write_text(json.dumps(lengths), encoding="utf-8")


def read_lengths(path: Path) -> dict[int, int]:
    """Returns the number of texts in MEASURED by their number of words."""
    return {int(length): number for length, number in json.loads(path.read_text(encoding="utf-8")).items()}


def in_ids(lengths: Mapping[int, int], directory: Path) -> dict[int, int]:
    """Returns the number of texts by their number of ids. `lengths`: by their number of words.

    A word that is read as parts has several ids. Here every word has the mean number of ids, rounded up in a text.
    """
    if not has_parts(read_vocabulary(directory)):
        return dict(lengths)
    mean = max(1.0, count_ids(directory) / sum(words * texts for words, texts in lengths.items()))
    found = Counter[int]()
    for words, texts in lengths.items():
        found[math.ceil(words * mean)] += texts
    return found


def write_words(words: pa.Table, splits: tuple[str, ...], max_words: int, word_parts: str, directory: Path) -> None:
    """Writes the vocabulary. Raises DataError if it would be empty."""
    if not len(words):
        raise DataError(f"the texts of {', '.join(splits)} have no words; there is nothing to learn from")
    found = in_order(words)
    parts = are_needed(found, word_parts)
    counts = with_parts(found) if parts else {word: seen.times for word, seen in found.items()}
    write_vocabulary(counts, max_words, directory)
