"""Data sets as TFDS lays them out: `dataset_info.json` and TFRecord files. Read without importing TFDS, which is slow.

Layout: https://www.tensorflow.org/datasets/external_tfrecord
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.ingestion.source import Part, document_id
from pipeline.core.errors import DataError

if TYPE_CHECKING:
    from schemas.records.examples import Document

INFO = "dataset_info.json"

SPLITS = ("train", "test")
"""The source's splits that are read; `unsupervised` reviews have no label."""


@dataclass(frozen=True)
class RecordFile(Part):
    """One TFRecord file of a split: `count` records, the first of which is at position `first` of the split."""

    split: str
    path: Path
    first: int
    count: int

    def documents(self, source: str, classes: int) -> "Iterator[Document]":
        """Yields its documents. Raises DataError naming file and record, or if there are not `count` of them."""
        from schemas.records.examples import decode_document
        from schemas.records.tfrecord import read_records

        number = -1
        for number, record in enumerate(read_records(self.path)):
            id_ = document_id(source, self.split, self.first + number)
            yield decode_document(record, f"{self.path}: record {number}", classes, id_)
        if number + 1 != self.count:
            raise DataError(
                f"{self.path} has {number + 1:,} records, but {INFO} beside it says {self.count:,}; restore the two"
            )


def is_prepared(directory: Path) -> bool:
    """Whether TFDS has prepared a data set in `directory`; it writes the info last."""
    return (directory / INFO).is_file()


def record_files(directory: Path) -> list[RecordFile]:
    """The TFRecord files of the splits SPLITS, in order. Raises DataError if the info is damaged or lacks a split."""
    path = directory / INFO
    try:
        info = json.loads(path.read_bytes())
        name, file_format = info["name"], info.get("fileFormat", "tfrecord")
        lengths = {split["name"]: [int(length) for length in split["shardLengths"]] for split in info["splits"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is not TFDS's description of a data set ({error!r}); restore it") from error
    if file_format != "tfrecord":
        raise DataError(f"{path}: its files are {file_format}; prepare the data set with file_format='tfrecord'")
    if missing := [split for split in SPLITS if not lengths.get(split)]:
        raise DataError(f"{path} describes no split '{missing[0]}' (it has {sorted(lengths)}); restore it")
    return [file for split in SPLITS for file in _shards(directory, name, split, lengths[split])]


def _shards(directory: Path, name: str, split: str, lengths: list[int]) -> Iterator[RecordFile]:
    first = 0
    for number, length in enumerate(lengths):
        file = directory / f"{name}-{split}.tfrecord-{number:05d}-of-{len(lengths):05d}"
        if not file.is_file():
            raise DataError(f"{file} is not there, but {INFO} beside it lists it; restore it")
        yield RecordFile(split, file, first, length)
        first += length
