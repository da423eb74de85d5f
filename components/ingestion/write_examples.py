"""The Beam pipeline of ingestion: parts of a source → documents → splits → shards, and their counts."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam

from components.ingestion.counts import Counts, merge_counts, write_counts
from components.ingestion.source import Part
from components.ingestion.summary import COUNTS
from pipeline.data_parallel import beam_pipeline
from pipeline.progress import advance
from schemas.artifacts import SPLITS, Examples
from schemas.examples import Document, encode_document
from schemas.shards import Record, WriteShards, shard_of

RECORDS, COUNTED = "records", "counted"


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
        read = (
            pipeline
            | "Parts" >> beam.Create(list(parts))
            | "Spread" >> beam.Reshuffle()  # or one worker would read them all
            | "Read"
            >> beam.ParDo(ReadPart(source, len(names), validation_fraction)).with_outputs(COUNTED, main=RECORDS)
        )
        read[RECORDS] | "Write" >> WriteShards(target, splits, scratch)
        (
            read[COUNTED]
            | "Count" >> beam.CombineGlobally(merge_counts)
            | "Write counts" >> beam.Map(write_counts, target.path / COUNTS, splits, names)
        )


class ReadPart(beam.DoFn):
    """Part → the Record of each of its documents, and on output COUNTED one Counts of them all.

    One step a document: what Beam adds for each further one is more than counting and hashing cost.
    """

    def __init__(self, source: str, classes: int, validation_fraction: float) -> None:
        self.source, self.classes, self.validation_fraction = source, classes, validation_fraction

    def process(self, part: Part) -> Iterator[Any]:  # Beam would take a union for the type of each output
        counts = Counts()
        for document in part.documents(self.source, self.classes):
            split = part.split_of(document.text)
            if split == "train" and in_validation(document.text, self.validation_fraction):
                split = "validation"
            counts.add(split, document)
            yield to_record(split, document)
            advance()
        yield beam.pvalue.TaggedOutput(COUNTED, counts)


def in_validation(text: str, fraction: float) -> bool:
    """Whether a text of train goes to validation: by its own content, so that equal texts share a split.

    Other bytes of the hash than those that choose the shard, or shards of one split would lack some hashes.
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[8:16], "big") < fraction * 2**64


def to_record(split: str, document: Document) -> Record:
    """A document on its way to its shard."""
    return Record(split, shard_of(document.text.encode()), document.id, encode_document(document))
