"""The readers of the user's files: recognizing the format, encodings, quotation marks, headers."""

import csv
import io
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from components.ingestion.files import lines
from components.ingestion.files.pattern import find_files
from components.ingestion.files.row import MINIMAL, QUOTING, BadRow, Row
from components.ingestion.files.rows import read_rows
from components.ingestion.files.settings import FilesSettings
from components.ingestion.files.text_encoding import read_encoding
from tests.support.fuzz.contents import CONTENTS, ENCODINGS
from tests.support.fuzz.feed import Reader, check_message, edited, pieces

LONGEST_FAULT = 600
"""The number of characters of the fault of one row. A message lists five."""

SUFFIXES = (
    ".csv", ".tsv", ".jsonl", ".ndjson", ".tfrecord", ".txt", ".xlsx", ".json", "", ".CSV", ".csv.gz", ".jsonl.gz",
    ".tfrecord.gz", ".tsv.gz", ".gz", ".zip", ".parquet", ".csv.1", ". csv", ".c'sv",
)  # fmt: skip
ORDERS = st.sampled_from([(), ("text", "label"), ("label", "text"), ("id", "text", "label")])
WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
Settings = dict[str, st.SearchStrategy[Any]]
COLUMNS: Settings = {
    "text_column": st.one_of(st.just("text"), WORD),
    "label_column": st.one_of(st.just("label"), WORD),
    "id_column": st.sampled_from(["", "", "id"]),
}
NAMED: Settings = {"columns": st.sampled_from([(), (), ("text", "label"), ("label", "text"), ("id", "text", "label")])}
CODED: Settings = {
    "encoding": st.one_of(st.just("utf-8"), st.sampled_from(ENCODINGS)),
    "quoting": st.sampled_from(QUOTING),
}


def _read(path: Path, given: dict[str, Any], block: int = lines.BLOCK) -> list[Row | BadRow]:
    """Reads all rows with some settings. Fails if the fault of a row cannot be shown."""
    spec = FilesSettings(source=str(path), **given)
    [file] = find_files(spec.source)
    with mock.patch.object(lines, "BLOCK", block):
        rows = list(read_rows(file, spec.wanted, spec.reading))
    for row in rows:
        if isinstance(row, BadRow):
            check_message(row.why)
            assert len(row.why) <= LONGEST_FAULT, row.why
    return rows


def _recognize(made: Any, directory: Path) -> None:
    content, suffix, given, block = made
    path = directory / f"some file{suffix}"
    path.write_bytes(content)
    rows = _read(path, given)
    assert _read(path, given, block) == rows, "where a file is cut to be read must not be seen"


def _encoding(made: Any, directory: Path) -> None:
    found = read_encoding(made)
    assert read_encoding(found) == found
    assert "a,b\n".encode(found).decode(found) == "a,b\n"


def _quoting(made: Any, directory: Path) -> None:
    """Cells as Python's csv module writes them are read as they were; other quotation marks are no exception."""
    cells, delimiter, quoting, style, rest = made
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=style, lineterminator="\r\n")
    writer.writerows([("text", "label"), *cells])
    path = directory / ("a.tsv" if delimiter == "\t" else "a.csv")
    path.write_text(out.getvalue(), newline="")
    rows = [row for row in _read(path, {"quoting": MINIMAL}) if isinstance(row, Row)]
    strays = [pair for pair in cells if delimiter == "\t" and any("\t" in cell and "\n" in cell for cell in pair)]
    written = [
        (text.replace("\r\n", "\n").replace("\r", "\n"), label.strip())
        for text, label in cells
        if (text, label) not in strays
    ]
    assert [row[1:3] for row in rows] == [pair for pair in written if pair[1] and "\0" not in "".join(pair)]
    with path.open("a", newline="") as file:
        file.write(rest)
    _read(path, {"quoting": quoting})


def _header(made: Any, directory: Path) -> None:
    first, more, suffix, given = made
    path = directory / f"a{suffix}"
    path.write_text(f"{first}\n{more}", encoding="utf-8", errors="surrogateescape", newline="")
    _read(path, given)


HEADERS = pieces("text", "label", "id", ",", "\t", ";", "|", '"', " ", "Text", "labels", "{", "[", "\ufeff")
BODIES = pieces("a", "b,c", ",", "\t", "\n", '"', "\r\n", "\r", "1,2\n", "\0")
CELL = pieces(*'",;\t\n\r', "a", "a word", '""', "\r\n", "é")
FILES = {
    "recognize": Reader(
        _recognize,
        st.tuples(
            st.one_of(
                st.sampled_from(CONTENTS).flatmap(edited),
                st.tuples(st.sampled_from(CONTENTS), st.integers(0, 80), st.sampled_from(CONTENTS))
                .map(lambda mixed: mixed[0][: mixed[1]] + mixed[2])
                .flatmap(edited),
            ),
            st.sampled_from(SUFFIXES),
            st.fixed_dictionaries(COLUMNS | NAMED | CODED),
            st.integers(3, 70),
        ),
    ),
    "encoding": Reader(
        _encoding, st.one_of(st.sampled_from(ENCODINGS), st.text(max_size=80), pieces("utf", "-", "8", "latin", "cp"))
    ),
    "quoting": Reader(
        _quoting,
        st.tuples(
            st.lists(st.tuples(CELL, CELL), max_size=8),
            st.sampled_from(",\t;|"),
            st.sampled_from(QUOTING),
            st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
            BODIES,
        ),
    ),
    "header": Reader(
        _header, st.tuples(HEADERS, BODIES, st.sampled_from(SUFFIXES), st.fixed_dictionaries(COLUMNS | NAMED))
    ),
}
