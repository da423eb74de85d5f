"""Reads CSV and TSV files: a header line, quotes as in RFC 4180, cells that may contain line ends."""

import csv
from collections.abc import Iterator
from pathlib import Path

from components.ingestion.files.lines import MAX_LINE_BYTES, open_lines
from components.ingestion.files.row import BadRow, Columns, Row, no_column
from pipeline.core.errors import DataError

_MEANING = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": 'text follows a closing quote (a quote within a cell is written "")',
    "field larger": "a line or a cell is longer than {limit:,} bytes",
    "new-line character": "it has a line end of old Macs (a carriage return alone); convert the file",
}
"""Explanations of the csv module's messages, by a part of the message."""


def delimited_rows(path: Path, delimiter: str, columns: Columns) -> Iterator[Row | BadRow]:
    """Yields the rows after the header and skips blank lines.

    Raises DataError if the file cannot be read, is empty, or its header does not name a required column.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    with open_lines(path) as lines:
        # Strict, because otherwise a quote that is never closed turns the rest of the file into one text.
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header = _header(reader, path, delimiter, columns)
        positions = [header.index(name) if name else None for name in columns]
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(start, _explain(error, start, reader.line_num), reader.line_num - start + 1)
                continue
            if len(cells) != len(header):
                if cells:
                    yield BadRow(start, f"it has {len(cells)} fields, but the header has {len(header)}")
                continue
            yield Row(start, *("" if position is None else cells[position] for position in positions))


def _header(reader: Iterator[list[str]], path: Path, delimiter: str, columns: Columns) -> list[str]:
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration:
        raise DataError(f"{path} is empty; its first line must name the columns") from None
    except csv.Error as error:
        why = _explain(error, 1, 1)
        raise DataError(f"{path}: its first line, which must name the columns, cannot be read: {why}") from error
    other = next((d for d in ";\t|," if d in header[0]), None) if len(header) == 1 else None
    if other:
        raise DataError(f"{path}: its columns are separated by {other!r}, expected {delimiter!r}; convert the file")
    for name in filter(None, columns):
        if header.count(name) > 1:
            raise DataError(f"{path}: its header names column '{name}' {header.count(name)} times; rename one")
        if name not in header:
            raise DataError(f"{path} has {no_column(name, header)}")
    return header


def _explain(error: Exception, start: int, end: int) -> str:
    meaning = next((meaning for part, meaning in _MEANING.items() if part in str(error)), "{error}")
    run_together = f"; lines {start}..{end} run together" if end > start else ""
    return meaning.format(limit=MAX_LINE_BYTES, error=error) + run_together
