"""The Beam pipeline that materializes token ids: shards of texts → the graph in batches → shards of tokens."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import apache_beam as beam
import tensorflow as tf
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from components.preprocessing.batches import read_batches, shards_of
from components.preprocessing.tokenize import TokenizeAndPad
from components.preprocessing.transform_graph import OUT_OF_VOCABULARY
from pipeline.data_parallel import beam_pipeline
from schemas.artifacts import Examples, TransformedExamples
from schemas.examples import Document, encode_tokens
from schemas.shards import Record, WriteShards, shard_of

COUNTS = "counts.json"
FIGURES = ("examples", "words", "out_of_vocabulary", "truncated", "empty_texts")
"""What is counted in a split: its texts, their words before they are cut, those of them that the vocabulary lacks,
the texts that are cut, and the texts without any word."""

Counts = Counter[tuple[str, str]]
"""By split and figure."""


def materialize(
    examples: Examples, graph: Path, target: TransformedExamples, scratch: Path, beam_args: Sequence[str]
) -> None:
    """Fills `target` with the token ids of every split of `examples`, and `counts.json`.

    `graph`: the directory of the TransformGraph. `scratch`: an empty directory. Every worker sees both.
    """
    splits, classes = examples.splits, int(examples.properties["classes"])
    with beam_pipeline(beam_args) as pipeline:
        outputs = (
            pipeline
            | "Shards" >> beam.Create(shards_of(examples, splits))
            | "Spread" >> beam.Reshuffle()  # or one worker would read them all
            | "Tokenize" >> beam.ParDo(Tokenize(graph, classes)).with_outputs("counts", main="records")
        )
        outputs.records | "Write" >> WriteShards(target, splits, scratch)
        (
            outputs.counts
            | "Add up" >> beam.CombineGlobally(add_up)
            | "Write counts" >> beam.Map(write_counts, splits, target.path / COUNTS)
        )


class Tokenize(beam.DoFn):
    """(split, path of a shard) → Records of token ids; tagged `counts`: one Counts a bundle."""

    def __init__(self, graph: Path, classes: int) -> None:
        self.graph, self.classes = graph, classes

    def setup(self) -> None:
        self.tokenize = TokenizeAndPad.load(self.graph)

    def start_bundle(self) -> None:
        self.counts: Counts = Counter()

    def process(self, shard: tuple[str, str]) -> Iterator[Record]:
        split, path = shard
        for documents in read_batches(Path(path), self.classes, 4 * self.tokenize.max_len):
            yield from self._records(split, documents)

    def _records(self, split: str, documents: list[Document]) -> Iterator[Record]:
        texts = [document.text.encode() for document in documents]
        ids = self.tokenize.word_ids(tf.constant(texts))
        self._count(split, ids)
        rows = self.tokenize.pad(ids).numpy().tolist()
        for document, text, tokens in zip(documents, texts, rows, strict=True):
            # By the text, as ingestion does: not by where it was found.
            yield Record(split, shard_of(text), document.id, encode_tokens(document.id, tokens, document.label))

    def _count(self, split: str, ids: tf.RaggedTensor) -> None:
        lengths = ids.row_lengths().numpy()
        unknown = ids.values.numpy() == OUT_OF_VOCABULARY
        # START is a token too: a text of max_len words is cut.
        truncated = (lengths >= self.tokenize.max_len).sum()
        figures = (lengths.size, lengths.sum(), unknown.sum(), truncated, (lengths == 0).sum())
        self.counts.update({(split, name): int(value) for name, value in zip(FIGURES, figures, strict=True)})

    def finish_bundle(self) -> Iterator[object]:
        yield TaggedOutput("counts", GlobalWindows.windowed_value(self.counts))


def add_up(some: Iterable[Counts]) -> Counts:
    """One from several. Whole numbers, so in whatever order."""
    total: Counts = Counter()
    for counts in some:
        total.update(counts)
    return total


def write_counts(counts: Counts, splits: Sequence[str], path: Path) -> None:
    """Writes `counts.json`: FIGURES by split."""
    content = {split: {name: counts[split, name] for name in FIGURES} for split in splits}
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def warn_of_empty_texts(directory: Path, log: Callable[[str], None]) -> None:
    """Logs one line for each split of the TransformedExamples in `directory` with texts that hold no word."""
    for split, figures in json.loads((directory / COUNTS).read_text(encoding="utf-8")).items():
        if figures["empty_texts"]:
            log(f"warning: {figures['empty_texts']:,} texts of {split} have no words; they are the start id alone")
