"""Reads the rows of a file in any format, and rejects values that no document may contain. Imports TensorFlow."""

from collections.abc import Iterator

from components.ingestion.files.delimited import delimited_rows
from components.ingestion.files.json_lines import json_rows
from components.ingestion.files.pattern import SourceFile
from components.ingestion.files.recognize import JSONL, TFRECORD, format_of
from components.ingestion.files.row import BadRow, Columns, Reading, Row
from components.ingestion.files.tf_examples import example_rows
from components.shared.columns import join_texts, number
from pipeline.core.errors import DataError, shown_name
from schemas.records.examples import MAX_TEXT_BYTES

_USUAL = Reading()


def read_rows(file: SourceFile, columns: Columns, how: Reading = _USUAL) -> Iterator[Row | BadRow]:
    """Yields the rows of a file, one at a time. Raises DataError with the file's name if it cannot be read."""
    form, delimiter = format_of(file, columns, how)
    if delimiter:
        rows = delimited_rows(file.path, delimiter, columns, how)
    else:
        check_unnamed(file, how)
        rows = {TFRECORD: example_rows, JSONL: json_rows}[form](file.path, columns, how)
    for row in rows:
        yield checked(row, columns, how) if isinstance(row, Row) else row


def check_unnamed(file: SourceFile, how: Reading) -> None:
    """Raises DataError if `--columns` names the columns of a file that names them itself, in every row."""
    if how.names:
        raise DataError(f"{file.path} names its columns in every row; leave out --columns, which is for CSV and TSV")


def checked(row: Row, columns: Columns, how: Reading = _USUAL) -> Row | BadRow:
    """Returns the row, or a BadRow with its fault. Line ends become LF; white space around label and id is removed.

    Several texts are joined. Label and id must not be empty, if they are wanted.
    """
    line, text, label, id_, more = row
    for name, value in zip((*columns, *how.more), (text, label, id_, *more), strict=True):
        if problem := _problem(value):
            return BadRow(line, f"its {name} {problem}")
    label, id_ = label.strip(), id_.strip()
    if columns[1] and not label:
        return BadRow(line, f"its {columns[1]} is empty")
    if columns[2] and not id_:
        return BadRow(line, f"its {columns[2]} is empty")
    if how.texts:
        text = join_texts([text, *more[: len(how.texts)]])
        if problem := _problem(text):
            return BadRow(line, f"its text of several columns {problem}")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # the line ends of Windows and of old Macs
    features = tuple(value.strip() for value in more[len(how.texts) :])
    for name, value in zip(how.features, features, strict=True):
        if name in how.numbers and number(value) is None:
            return BadRow(line, f"its {name} is '{shown_name(value)}', but must be a number or empty")
    return Row(line, text, label, id_, features)


def _problem(value: str) -> str | None:
    if "\0" in value:
        return "holds a NUL character"
    try:
        size = len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError as error:
        return f"is not UTF-8 (after {error.start} characters)"
    return f"is {size:,} bytes long, above {MAX_TEXT_BYTES:,}" if size > MAX_TEXT_BYTES else None


def place(file: SourceFile, line: int) -> str:
    """Returns a row's place for messages: `path:line`, or `path: record number`."""
    return f"{file.path}: record {line}" if file.format == ".tfrecord" else f"{file.path}:{line}"
