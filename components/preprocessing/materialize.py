"""The Beam pipeline that writes token ids: reads shards of texts, tokenizes batches, writes shards of tokens."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import apache_beam as beam
import tensorflow as tf
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from components.preprocessing.batches import read_batches, shards_of
from components.preprocessing.encode_texts import FIGURES, EncodeTexts
from components.text.features import EncodeFeatures, read_features
from components.text.tokenize import TokenizeAndPad
from pipeline.execution.background import map_in_background
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples, TransformedExamples
from schemas.records.examples import Document
from schemas.records.shards import Record, WriteShards, shard_of

COUNTS = "counts.json"

Counts = Counter[tuple[str, str]]
"""Counts by split and by name in FIGURES."""


def materialize(
    examples: Examples, graph: Path, target: TransformedExamples, scratch: Path, beam_args: Sequence[str]
) -> None:
    """Writes the token ids of all splits of `examples`, and `counts.json`, into `target`.

    `graph`: the directory of the TransformGraph. `scratch`: an empty directory. Every worker must have access to both.
    """
    splits, classes = examples.splits, int(examples.properties["classes"])
    with beam_pipeline(beam_args) as pipeline:
        outputs = (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples, splits))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all shards
            | "Tokenize" >> beam.ParDo(Tokenize(graph, classes)).with_outputs("counts", main="records")
        )
        outputs.records | "Write" >> WriteShards(target, splits, scratch)
        (
            outputs.counts
            | "Add up" >> beam.CombineGlobally(add_up)
            | "Write counts" >> beam.Map(write_counts, splits, target.path / COUNTS)
        )


class Tokenize(beam.DoFn):
    """Turns (split, path of a shard) into lists of Records of token ids; output `counts` gets one Counts per bundle."""

    def __init__(self, graph: Path, classes: int) -> None:
        self.graph, self.classes = graph, classes

    def setup(self) -> None:
        self.tokenize = TokenizeAndPad.load(self.graph)
        self.features = EncodeFeatures(read_features(self.graph))
        self.encode = EncodeTexts(self.tokenize, self.features.width)

    def start_bundle(self) -> None:
        self.counts: Counts = Counter()

    def process(self, shard: tuple[str, str]) -> Iterator[list[Record]]:
        split, path = shard
        batches = read_batches(Path(path), self.classes, 4 * self.tokenize.max_len)
        for documents, records, figures in map_in_background(self._encoded, batches):
            self.counts.update({(split, name): figure for name, figure in zip(FIGURES, figures, strict=True)})
            # The text chooses the shard, so that the number of input shards does not matter.
            yield [
                Record(split, shard_of(document.text.encode()), document.id, record)
                for document, record in zip(documents, records, strict=True)
            ]

    def _encoded(self, documents: list[Document]) -> tuple[list[Document], list[bytes], list[int]]:
        ids, texts, labels, values = zip(*documents, strict=True)
        tensors = [tf.constant(texts), tf.constant(ids), tf.constant(labels, tf.int64)]
        if self.features.features:
            named = [dict(row) for row in values]
            columns = {name: tf.constant([row[name] for row in named]) for name in named[0]}
            tensors.append(self.features(columns))
        records, figures = self.encode(*tensors)
        return documents, records.numpy().tolist(), figures.numpy().tolist()

    def finish_bundle(self) -> Iterator[object]:
        yield TaggedOutput("counts", GlobalWindows.windowed_value(self.counts))


def add_up(some: Iterable[Counts]) -> Counts:
    """Returns the sum of Counts. They are integers, so their order does not matter."""
    total: Counts = Counter()
    for counts in some:
        total.update(counts)
    return total


def write_counts(counts: Counts, splits: Sequence[str], path: Path) -> None:
    """Writes `counts.json`: FIGURES by split."""
    content = {split: {name: counts[split, name] for name in FIGURES} for split in splits}
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def warn_of_empty_texts(directory: Path, log: Callable[[str], None]) -> None:
    """Logs a warning for each split of the TransformedExamples in `directory` that has texts without words."""
    for split, figures in json.loads((directory / COUNTS).read_text(encoding="utf-8")).items():
        if figures["empty_texts"]:
            log(f"warning: {figures['empty_texts']:,} texts in {split} have no words; each becomes only the start id")
