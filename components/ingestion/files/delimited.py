"""Reads CSV and TSV files: a header line, quotes as in RFC 4180 or none, cells that may contain line ends."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from components.ingestion.files.header import check_header, check_names
from components.ingestion.files.lines import MAX_LINE_BYTES, open_lines
from components.ingestion.files.quoting import quotes_enclose
from components.ingestion.files.row import BadRow, Columns, Reading, Row
from pipeline.core.errors import DataError

_MEANING = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": 'text follows a closing quote (a quote within a cell is written "")',
    "field larger": "a line or a cell is longer than {limit:,} bytes",
    "new-line character": "it has a line end of old Macs (a carriage return alone); convert the file",
}
"""Explanations of the csv module's messages, by a part of the message."""

_STRAY = (
    "its cell that begins in line {line} spans {count} lines and holds tabs, so its quotation mark is probably part of "
    "the text; read it with --quoting=none"
)
_KEPT = "; its quotation marks are part of the text (see --quoting)"

_FIRST = 100
"""The rows that show which column is which, if the header is missing."""


Cells = tuple[int, list[str]]
"""The line where a row begins, from 1, and its cells."""


def delimited_rows(path: Path, delimiter: str, columns: Columns, how: Reading) -> Iterator[Row | BadRow]:
    """Yields the rows after the header as `delimited_cells` does, with the wanted columns alone."""
    header, rows = delimited_cells(path, delimiter, columns, how)
    positions = [header.index(name) if name else None for name in columns]
    others = [header.index(name) for name in how.more]
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            line, cells = row
            text, label, id_ = ("" if position is None else cells[position] for position in positions)
            yield Row(line, text, label, id_, tuple(cells[position] for position in others))


def delimited_cells(
    path: Path, delimiter: str, columns: Columns, how: Reading
) -> tuple[list[str], Iterator[Cells | BadRow]]:
    """Returns the names of all columns, and the rows after the header without blank lines.

    Raises DataError if the file cannot be read, is empty, or its header does not name a required column.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    encloses = quotes_enclose(path, delimiter, how)
    # Strict, because otherwise a quote that is never closed turns the rest of the file into one text.
    dialect: dict[str, Any] = {"delimiter": delimiter, "strict": True}
    dialect["quoting"] = csv.QUOTE_MINIMAL if encloses else csv.QUOTE_NONE
    parse: Callable[[Iterator[str]], Any] = partial(csv.reader, **dialect)
    with open_lines(path, how.encoding) as lines:
        header = _header(parse(lines), path, columns, how)

    def rows() -> Iterator[Cells | BadRow]:
        with open_lines(path, how.encoding) as lines:
            reader = parse(lines)
            if not how.names:
                next(reader)
            yield from _rows(reader, len(header), tabs=encloses and delimiter == "\t", encloses=encloses)

    return header, rows()


def _rows(reader: Any, width: int, *, tabs: bool, encloses: bool) -> Iterator[Cells | BadRow]:
    """Yields the rows of a csv.reader. `tabs`: whether cells are enclosed by quotes and separated by tabs."""
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(start, _explain(error, start, reader.line_num), reader.line_num - start + 1)
            continue
        if tabs and reader.line_num > start and (stray := _stray(cells, start)):
            yield BadRow(start, stray, reader.line_num - start + 1)
        elif len(cells) == width:
            yield start, cells
        elif cells:
            kept = "" if encloses or not any('"' in cell for cell in cells) else _KEPT
            yield BadRow(start, f"it has {len(cells)} fields, but the header has {width}{kept}")


def _stray(cells: Sequence[str], start: int) -> str | None:
    """Returns the fault of a row with a cell that holds a line end and a tab; None if it has none."""
    line = start
    for cell in cells:
        if "\n" in cell and "\t" in cell:
            return _STRAY.format(line=line, count=cell.count("\n") + 1)
        line += cell.count("\n")
    return None


def _header(reader: Iterator[list[str]], path: Path, columns: Columns, how: Reading) -> list[str]:
    """Returns the names of the columns. Raises DataError if the first line cannot be read, or lacks a column."""
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration:
        raise DataError(f"{path} is empty; its first line must name the columns") from None
    except csv.Error as error:
        why = _explain(error, 1, 1)
        raise DataError(f"{path}: its first line, which must name the columns, cannot be read: {why}") from error
    if how.names:
        check_names(header, path, how.names)
        return list(how.names)
    check_header(header, [header, *islice(_until_error(reader), _FIRST)], path, columns, how.more)
    return header


def _until_error(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    with suppress(csv.Error):
        yield from reader


def _explain(error: Exception, start: int, end: int) -> str:
    meaning = next((meaning for part, meaning in _MEANING.items() if part in str(error)), "{error}")
    run_together = f"; lines {start}..{end} run together" if end > start else ""
    return meaning.format(limit=MAX_LINE_BYTES, error=error) + run_together
