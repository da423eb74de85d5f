"""Decides whether quotation marks in a file enclose cells or are part of the texts."""

import re
from collections.abc import Iterator
from pathlib import Path

from components.ingestion.files.lines import open_lines
from components.ingestion.files.row import AUTO, MINIMAL, Reading

_CELL = r'"(?:[^"]|"")*"|[^"\t]*'
_RECORD = re.compile(rf"(?:{_CELL})(?:\t(?:{_CELL}))*")
_CELLS = re.compile(rf"(?:^|\t)({_CELL})(?=\t|\Z)")
_NEEDED = re.compile(r'[\t\n"]')
"""What a cell can only hold in quotation marks."""

_LONGEST = 1_000_000
"""The number of characters of a row that is still taken for one. Longer ones come from a quotation mark in a text."""


def quotes_enclose(path: Path, delimiter: str, how: Reading) -> bool:
    """Whether quotation marks enclose cells: by `--quoting`, in CSV, and in some TSV files.

    A TSV file does if no cell has a quotation mark inside without enclosing ones, no cell in them holds both a tab and
    a line end, and one of these is true of all cells in them: each needs them, because it holds a tab, a line end or
    a doubled quotation mark; or its complete column has them.
    """
    if how.quoting != AUTO or delimiter != "\t":
        return how.quoting in (AUTO, MINIMAL)
    with open_lines(path, how.encoding) as lines:
        return _all_enclosed(lines)


def _all_enclosed(lines: Iterator[str]) -> bool:
    header, complete, needless, number = False, None, set[int](), 0
    for number, row in enumerate(_rows(lines)):
        if '"' not in row and not complete and number:  # most rows
            if needless:
                return False
            complete = {at for at, cell in enumerate(row.split("\t")) if not cell} if complete is None else complete
            continue
        if not _RECORD.fullmatch(row):
            return False
        cells = _CELLS.findall(row)
        enclosed = {at for at, cell in enumerate(cells) if cell.startswith('"')}
        if any("\t" in cells[at] and "\n" in cells[at] for at in enclosed):
            return False
        if not number:  # a header often has no quotation marks where its column has them
            header = len(enclosed) == len(cells)
            continue
        needless |= {at for at in enclosed if not _NEEDED.search(cells[at], 1, len(cells[at]) - 1)}
        filled = enclosed | {at for at, cell in enumerate(cells) if not cell}
        complete = filled if complete is None else complete & filled
        if not needless <= complete:
            return False
    return not needless or header or number > 1


def _rows(lines: Iterator[str]) -> Iterator[str]:
    """Yields rows without their line end. A row continues while a quotation mark is open."""
    held, is_open, length = list[str](), False, 0
    for line in lines:
        if not is_open and '"' not in line:
            if row := line.rstrip("\r\n"):
                yield row
            continue
        is_open ^= line.count('"') % 2 == 1
        length += len(line)
        held.append(line)
        if not is_open or length > _LONGEST:
            if (row := "".join(held).rstrip("\r\n")) or held[1:]:
                yield row
            held, is_open, length = [], False, 0
    if held:
        yield "".join(held).rstrip("\r\n")
