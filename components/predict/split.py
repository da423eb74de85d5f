"""Splits files into chunks of rows, which are predicted on their own. Imports TensorFlow."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from components.ingestion.files.pattern import SourceFile
from components.ingestion.files.records import Record, read_all_columns
from components.ingestion.files.row import BadRow, Reading
from components.ingestion.files.rows import place
from components.predict.layout import Values, numbered
from components.serving.columns import TEXT, Given
from pipeline.core.progress import advance
from pipeline.storage.durable import fsync
from schemas.records.spills import write_spill

CHUNK_ROWS, CHUNK_CHARACTERS = 2048, 8 * 1024 * 1024
"""A chunk ends at this number of rows, or when its texts have this length. It must fit in memory.

The rows are a multiple of the batch of the evaluation, so that a shard of examples gives the same batches and bits.
"""

LISTED = 5
"""The number of bad rows that a message lists."""


class Chunk(NamedTuple):
    """A part of a file. Together they are in the order of the output."""

    file: int
    number: int

    @property
    def name(self) -> str:
        """The beginning of the names of its files."""
        return f"{self.file:06d}-{self.number:08d}"


@dataclass
class Split:
    """What splitting a file found."""

    columns: list[tuple[str, int]] = field(default_factory=list)
    """All its columns."""
    named: bool = False
    """Whether its rows name their columns."""
    rows: int = 0
    chunks: int = 0
    bad: int = 0
    first: list[str] = field(default_factory=list)
    """Place and fault of the first bad rows."""


def split_file(numbered_file: tuple[int, SourceFile], text_column: str, how: Reading, folder: Path) -> None:
    """Writes the chunks of a file and its Split into `folder`, unless an interrupted command has done so.

    Raises DataError if the file cannot be read.
    """
    number, file = numbered_file
    if split_path(folder, number).exists():
        return
    header, records = read_all_columns(file, text_column, how)
    found = Split(named=header is None)
    columns = dict.fromkeys(numbered(header or ()))
    for chunk in _chunks(_usable(records, file, found)):
        if header is None:
            columns.update(dict.fromkeys((name, 1) for record in chunk for name in record.values))
        path = rows_path(folder, Chunk(number, found.chunks))
        write_spill(path, _pairs(chunk, how.features))
        fsync(path)
        found.chunks += 1
        found.rows += len(chunk)
        advance(len(chunk))
    found.columns = list(columns)
    path = split_path(folder, number)
    path.with_suffix(".new").write_text(json.dumps(asdict(found)), encoding="utf-8")
    fsync(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def read_split(folder: Path, number: int) -> Split:
    """Reads what `split_file` found."""
    found = json.loads(split_path(folder, number).read_text(encoding="utf-8"))
    return Split(**{**found, "columns": [(name, occurrence) for name, occurrence in found["columns"]]})


def split_path(folder: Path, number: int) -> Path:
    """The file with the Split of a file."""
    return folder / f"{number:06d}.json"


def rows_path(folder: Path, chunk: Chunk) -> Path:
    """The file with the texts and the values of a chunk."""
    return folder / f"{chunk.name}.rows"


def _usable(records: Iterator[Record | BadRow], file: SourceFile, found: Split) -> Iterator[Record]:
    for record in records:
        if isinstance(record, BadRow):
            found.bad += record.lines
            if len(found.first) < LISTED:
                found.first.append(f"{place(file, record.line)}: {record.why}")
        else:
            yield record


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk, characters = list[Record](), 0
    for record in records:
        chunk.append(record)
        characters += len(record.text)
        if len(chunk) == CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _pairs(chunk: list[Record], features: Sequence[str]) -> Iterator[tuple[Given, Values]]:
    """Yields what the model is called with, and all values, of each row."""
    for record in chunk:
        named = dict(zip(features, record.features, strict=True))
        yield {TEXT: record.text, **named} if named else record.text, record.values
