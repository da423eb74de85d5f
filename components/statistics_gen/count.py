"""The Beam pipeline of StatisticsGen: counts the shards of all splits, adds the counts up, and writes them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindows

from components.statistics_gen.counts import Counts, merge_counts
from components.statistics_gen.read import count_files
from pipeline.core.errors import DataError
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples

Shard = tuple[int, int, tuple[tuple[str, str], ...]]
"""A shard: its number, the number of shards, and (split, path) of its file in each split."""


def count_examples(
    examples: Examples,
    tokenizer: str,
    write: Callable[..., None],
    arguments: Sequence[Any],
    scratch: Path,
    beam_args: Sequence[str],
) -> None:
    """Counts all splits in one pass, and calls `write` with the Counts and `arguments`, on any worker.

    `scratch`: an empty folder. Every worker must have access to it.
    """
    with beam_pipeline(beam_args) as pipeline:
        (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all shards
            | "Count" >> beam.ParDo(CountShards(tokenizer, scratch))
            | "Add up" >> beam.CombineGlobally(merge_counts)
            | "Write" >> beam.Map(write, *arguments)
        )


def shards_of(examples: Examples) -> list[Shard]:
    """Returns the shards, each with its files of all splits. Equal texts share a shard, which finds its duplicates."""
    files = {split: examples.files(split) for split in examples.splits}
    counts = {split: len(paths) for split, paths in files.items()}
    if len(set(counts.values())) != 1:
        raise DataError(
            f"{examples.path}: its splits have different numbers of shards, {counts}; "
            "run Ingestion again (--force=Ingestion)"
        )
    [number] = set(counts.values())
    return [(i, number, tuple((split, str(paths[i])) for split, paths in files.items())) for i in range(number)]


class CountShards(beam.DoFn):
    """Turns shards into one Counts per bundle, so that Beam shuffles neither texts nor words.

    What is stored of each text is in files of `scratch`, because Beam holds several copies of an element in memory.
    """

    def __init__(self, tokenizer: str, scratch: Path) -> None:
        """`tokenizer`: one of TOKENIZERS."""
        self.tokenizer, self.scratch = tokenizer, scratch

    def start_bundle(self) -> None:
        self.counts: Counts = {}

    def process(self, shard: Shard) -> None:
        index, shards, files = shard
        self.counts = merge_counts([self.counts, count_files(files, (index, shards), self.tokenizer, self.scratch)])

    def finish_bundle(self) -> Iterator[object]:
        yield GlobalWindows.windowed_value(self.counts)
