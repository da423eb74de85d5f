"""The Beam pipeline of Ingestion: reads the parts of a source, writes the shards of each split, counts documents."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import apache_beam as beam

from components.ingestion.corrections import Corrections
from components.ingestion.counts import Counts, merge_counts, write_counts
from components.ingestion.source import Part
from components.ingestion.summary import COUNTS
from components.text.text_key import EMPTY_KEY, text_keys
from pipeline.core.progress import advance
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import SPLITS, Examples
from schemas.records.encode import encode_documents
from schemas.records.examples import Document
from schemas.records.shards import Record, WriteShards, shard_of_digest

RECORDS, COUNTED = "records", "counted"

AT_ONCE = 32
"""Documents that are encoded together. More are hardly faster, and this many of the longest texts fit in memory."""


def write_examples(
    parts: Sequence[Part],
    source: str,
    names: Sequence[str],
    validation_fraction: float,
    set_aside: int,
    target: Examples,
    scratch: Path,
    beam_args: Sequence[str],
    corrections: Corrections | None = None,
    corrected: Path | None = None,
) -> None:
    """Reads `parts`, and writes the shards of each split and `counts.json` into `target`.

    `names`: the labels, in id order. `validation_fraction`: the share of train that becomes validation, in [0, 1).
    `set_aside`: the number of rows without a word, which `parts` leave out. `scratch`: an empty directory that every
    worker can access. `corrected`: a file to write the number of labels that `corrections` changed into. Raises
    DataError on damaged or mislabeled documents, and for corrections of unknown ids.
    """
    splits = [split for split in SPLITS if split != "validation" or validation_fraction > 0]
    read_part = ReadPart(source, len(names), validation_fraction, corrections)
    with beam_pipeline(beam_args) as pipeline:
        read = (
            pipeline
            | "Parts" >> beam.Create(list(parts))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all parts
            | "Read" >> beam.ParDo(read_part).with_outputs(COUNTED, main=RECORDS)
        )
        read[RECORDS] | "Write" >> WriteShards(target, splits, scratch)
        counted = read[COUNTED] | "Count" >> beam.CombineGlobally(merge_counts)
        counted | "Write counts" >> beam.Map(write_counts, target.path / COUNTS, splits, names, set_aside)
        if corrections and corrected:
            counted | "Check corrections" >> beam.Map(check_corrections, corrections, corrected)


def check_corrections(counts: Counts, corrections: Corrections, path: Path) -> None:
    """Writes the number of corrected labels into `path`. Raises DataError if an id is unknown."""
    corrections.check(counts.corrected)
    path.write_text(str(counts.changed))


class ReadPart(beam.DoFn):
    """Turns a Part into lists of Records, one per document; the output COUNTED gets one Counts for the part."""

    def __init__(
        self, source: str, classes: int, validation_fraction: float, corrections: Corrections | None = None
    ) -> None:
        self.source, self.classes, self.validation_fraction = source, classes, validation_fraction
        self.corrections = corrections

    def process(self, part: Part) -> Iterator[Any]:  # a union would become the type of each output in Beam
        counts = Counts()
        documents = part.documents(self.source, self.classes)
        while batch := list(islice(documents, AT_ONCE)):
            yield self._records(part, self._corrected(batch, counts), counts)
            advance(len(batch))
        yield beam.pvalue.TaggedOutput(COUNTED, counts)

    def _corrected(self, documents: list[Document], counts: Counts) -> list[Document]:
        if not self.corrections:
            return documents
        found = [self.corrections.apply(document) for document in documents]
        counts.corrected |= {document.id for document in documents if document.id in self.corrections.labels}
        counts.changed += sum(new.label != old.label for new, old in zip(found, documents, strict=True))
        return found

    def _records(self, part: Part, documents: Sequence[Document], counts: Counts) -> list[Record]:
        records = []
        keys = text_keys([document.text.encode() for document in documents])
        for document, key, data in zip(documents, keys, encode_documents(documents), strict=True):
            split = part.split_of(key)
            if split == "train" and in_validation(key, self.validation_fraction):
                split = "validation"
            counts.add(split, document, empty=key == EMPTY_KEY)
            records.append(Record(split, shard_of_digest(key), document.id, data))
        return records


def in_validation(key: bytes, fraction: float) -> bool:
    """Whether a text of train goes to validation, decided by its key, so that equal texts share a split.

    Uses other bytes of the key than those that choose the shard. Otherwise some shards would be empty.
    """
    return int.from_bytes(key[8:16], "big") < fraction * 2**64
