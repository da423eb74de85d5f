"""Reads data sets that TFDS prepared: `dataset_info.json` and TFRecord files. Does not import TFDS, which is slow.

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
"""The splits that are read. The third split of IMDB, `unsupervised`, has no labels."""


@dataclass(frozen=True)
class RecordFile(Part):
    """One TFRecord file of a split. It has `count` records, and the first is at position `first` of the split."""

    split: str
    path: Path
    first: int
    count: int

    def documents(self, source: str, classes: int) -> "Iterator[Document]":
        """Yields its documents. Raises DataError if a record is damaged or there are not `count` records."""
        from schemas.records.examples import decode_document
        from schemas.records.tfrecord import read_records

        number = -1
        for number, record in enumerate(read_records(self.path)):
            id_ = document_id(source, self.split, self.first + number)
            yield decode_document(record, f"{self.path}: record {number}", classes, id_)
        if number + 1 != self.count:
            raise DataError(
                f"{self.path} has {number + 1:,} records, but {INFO} next to it says {self.count:,}; restore both files"
            )


def is_prepared(directory: Path) -> bool:
    """Whether TFDS has prepared a data set in `directory`. TFDS writes `dataset_info.json` last."""
    return (directory / INFO).is_file()


def record_files(directory: Path) -> list[RecordFile]:
    """Returns the TFRecord files of SPLITS, in order. Raises DataError if the description is damaged or incomplete."""
    path = directory / INFO
    try:
        info = json.loads(path.read_bytes())
        name, file_format = info["name"], info.get("fileFormat", "tfrecord")
        lengths = {split["name"]: [int(length) for length in split["shardLengths"]] for split in info["splits"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is not a valid TFDS data set description ({error!r}); restore it") from error
    if file_format != "tfrecord":
        raise DataError(
            f"{path}: its files have format '{file_format}', expected 'tfrecord'; prepare the data set with "
            "file_format='tfrecord'"
        )
    if missing := [split for split in SPLITS if not lengths.get(split)]:
        raise DataError(f"{path} has no split '{missing[0]}' (found: {sorted(lengths)}); restore it")
    return [file for split in SPLITS for file in _shards(directory, name, split, lengths[split])]


def _shards(directory: Path, name: str, split: str, lengths: list[int]) -> Iterator[RecordFile]:
    first = 0
    for number, length in enumerate(lengths):
        file = directory / f"{name}-{split}.tfrecord-{number:05d}-of-{len(lengths):05d}"
        if not file.is_file():
            raise DataError(f"{file} is missing, but {INFO} next to it lists it; restore it")
        yield RecordFile(split, file, first, length)
        first += length
