"""The Beam pipeline of ingestion: parts of a source → documents → splits → shards, and their counts."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import apache_beam as beam

from components.ingestion.counts import Counts, merge_counts, write_counts
from components.ingestion.source import Part
from components.ingestion.summary import COUNTS
from pipeline.core.progress import advance
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import SPLITS, Examples
from schemas.records.encode import encode_documents
from schemas.records.examples import Document
from schemas.records.shards import Record, WriteShards, shard_of_digest

RECORDS, COUNTED = "records", "counted"

AT_ONCE = 32
"""Documents that are encoded together: above that it is hardly faster, and so many of the longest fit in memory."""


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
    """Part → lists of the Records of its documents, and on output COUNTED one Counts of them all."""

    def __init__(self, source: str, classes: int, validation_fraction: float) -> None:
        self.source, self.classes, self.validation_fraction = source, classes, validation_fraction

    def process(self, part: Part) -> Iterator[Any]:  # Beam would take a union for the type of each output
        counts = Counts()
        documents = part.documents(self.source, self.classes)
        while some := list(islice(documents, AT_ONCE)):
            yield self._records(part, some, counts)
            advance(len(some))
        yield beam.pvalue.TaggedOutput(COUNTED, counts)

    def _records(self, part: Part, documents: Sequence[Document], counts: Counts) -> list[Record]:
        records = []
        for document, data in zip(documents, encode_documents(documents), strict=True):
            digest = hashlib.sha256(document.text.encode()).digest()
            split = part.split_of(digest)
            if split == "train" and in_validation(digest, self.validation_fraction):
                split = "validation"
            counts.add(split, document)
            records.append(Record(split, shard_of_digest(digest), document.id, data))
        return records


def in_validation(digest: bytes, fraction: float) -> bool:
    """Whether a text of train goes to validation: by its own SHA-256, so that equal texts share a split.

    Other bytes of it than those that choose the shard, or shards of one split would lack some hashes.
    """
    return int.from_bytes(digest[8:16], "big") < fraction * 2**64
