"""Writes records into shards whose bytes depend only on the records, not on Beam's runner or number of workers.

A digest of a text chooses its shard, and a shard is sorted by id. Grouping in Beam would hold all records in memory.
So each bundle writes sorted runs of records to temporary files, and then each shard merges its runs.
"""

import hashlib
import heapq
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindows

from pipeline.core.errors import DataError
from schemas.artifacts.examples import SplitRecords
from schemas.records.spills import read_spill, write_spill
from schemas.records.tfrecord import write_records

SHARDS = 4
"""The number of files of a split: enough for parallel reading on a few cores, not too many for 2,000 documents."""

SPILL_BYTES = 64 * 1024 * 1024
"""The size of records that a bundle holds in memory before it writes them to temporary files."""

Entry = tuple[bytes, bytes]
ShardKey = tuple[str, int]


def shard_of(text: bytes, shards: int = SHARDS) -> int:
    """Returns the shard of a text, 0..shards - 1. Equal texts share a shard."""
    return shard_of_digest(hashlib.sha256(text).digest(), shards)


def shard_of_digest(digest: bytes, shards: int = SHARDS) -> int:
    """Returns the shard of a text, given a SHA-256 that equal texts share: of the text, or of a form of it."""
    return int.from_bytes(digest[:8], "big") % shards


class Record(NamedTuple):
    """A serialized record `data` to write into shard `shard` of `split`, sorted by `id`."""

    split: str
    shard: int
    id: str
    data: bytes


class WriteShards(beam.PTransform):
    """Writes a PCollection of lists of Record into the files of `target`, also for empty shards.

    Yields (split, shard, number of records). Its input are lists, because an element costs Beam more time than writing
    a record. Every worker must have access to `scratch`. Raises DataError if two records of a shard have the same id.
    """

    def __init__(self, target: SplitRecords, splits: Iterable[str], scratch: Path, shards: int = SHARDS) -> None:
        super().__init__()
        self.target, self.splits, self.scratch, self.shards = target, tuple(splits), scratch, shards

    def expand(self, records: beam.PCollection) -> beam.PCollection:
        for split in self.splits:
            self.target.split_dir(split).mkdir(parents=True, exist_ok=True)
        every = [((split, shard), None) for split in self.splits for shard in range(self.shards)]
        runs = records | "Spill" >> beam.ParDo(Spill(self.scratch))
        all_shards = records.pipeline | "All shards" >> beam.Create(every)
        return (
            {"runs": runs, "all": all_shards}
            | "By shard" >> beam.CoGroupByKey()
            | "Merge" >> beam.Map(merge_runs, self.target, self.shards)
        )


class Spill(beam.DoFn):
    """Turns Records into ((split, shard), path of a sorted run). Holds about `limit` bytes of records in memory."""

    def __init__(self, scratch: Path, limit: int = SPILL_BYTES) -> None:
        self.scratch, self.limit = scratch, limit

    def start_bundle(self) -> None:
        self.buffers: dict[ShardKey, list[Entry]] = {}
        self.size = 0

    def process(self, records: Sequence[Record]) -> Iterator[tuple[ShardKey, str]]:
        for split, shard, id_, data in records:
            self.buffers.setdefault((split, shard), []).append((id_.encode(), data))
            self.size += len(id_) + len(data)
        if self.size >= self.limit:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[object]:
        for run in self._flush():
            yield GlobalWindows.windowed_value(run)

    def _flush(self) -> Iterator[tuple[ShardKey, str]]:
        for key, entries in self.buffers.items():
            # A unique name: if Beam retries a bundle, nothing reads the files of the first attempt.
            path = self.scratch / f"{uuid.uuid4().hex}.run"
            write_spill(path, sorted(entries))
            yield key, str(path)
        self.start_bundle()


def merge_runs(
    group: tuple[ShardKey, dict[str, Iterable[str]]], target: SplitRecords, shards: int
) -> tuple[str, int, int]:
    """Merges the sorted runs of one shard into its file. Returns (split, shard, number of records)."""
    (split, shard), found = group
    path = target.shard(split, shard, shards)
    entries = heapq.merge(*(read_spill(Path(run)) for run in found["runs"]))
    return split, shard, write_records(path, _unique(entries, path))


def _unique(entries: Iterable[Entry], path: Path) -> Iterator[bytes]:
    last = None
    for id_, data in entries:
        if id_ == last:
            raise DataError(f"{path.parent.name}: id '{id_.decode()}' is used twice; give every document a unique id")
        last = id_
        yield data
