"""The Beam pipeline of ingestion: parts of a source → documents → splits → shards, and their counts."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import apache_beam as beam

from components.ingestion.counts import CountDocuments, write_counts
from components.ingestion.source import Part
from components.ingestion.summary import COUNTS
from pipeline.data_parallel import beam_pipeline
from schemas.artifacts import SPLITS, Examples
from schemas.examples import Document, encode_document
from schemas.shards import Record, WriteShards, shard_of


def write_examples(
    parts: Sequence[Part],
    source: str,
    names: Sequence[str],
    validation_fraction: float,
    target: Examples,
    scratch: Path,
    beam_args: Sequence[str],
) -> None:
    """Reads `parts` and fills `target` with the shards of each split and `counts.json`.

    `names`: of the labels, in id order. `validation_fraction` of train, 0..1, becomes validation; 0 carves none.
    `scratch`: an empty directory that every worker sees. Raises DataError on documents that are not what they must be.
    """
    splits = [split for split in SPLITS if split != "validation" or validation_fraction > 0]
    with beam_pipeline(beam_args) as pipeline:
        documents = (
            pipeline
            | "Parts" >> beam.Create(list(parts))
            | "Spread" >> beam.Reshuffle()  # or one worker would read them all
            | "Read" >> beam.FlatMap(read_part, source, len(names), validation_fraction)
        )
        documents | "Records" >> beam.MapTuple(to_record) | "Write" >> WriteShards(target, splits, scratch)
        (
            documents
            | "Count" >> beam.CombineGlobally(CountDocuments())
            | "Write counts" >> beam.Map(write_counts, target.path / COUNTS, splits, names)
        )


def read_part(part: Part, source: str, classes: int, validation_fraction: float) -> Iterator[tuple[str, Document]]:
    """Yields the documents of a part, each with the split that it goes to."""
    for document in part.documents(source, classes):
        carved = part.split == "train" and in_validation(document.text, validation_fraction)
        yield "validation" if carved else part.split, document


def in_validation(text: str, fraction: float) -> bool:
    """Whether a text of train goes to validation: by its own content, so that equal texts share a split.

    Other bytes of the hash than those that choose the shard, or shards of one split would lack some hashes.
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[8:16], "big") < fraction * 2**64


def to_record(split: str, document: Document) -> Record:
    """A document on its way to its shard."""
    return Record(split, shard_of(document.text.encode()), document.id, encode_document(document))
