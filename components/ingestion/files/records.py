"""Reads the rows of a file with all their columns; only the texts are checked. Imports TensorFlow."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from components.ingestion.files.delimited import delimited_cells
from components.ingestion.files.json_lines import json_objects, object_row
from components.ingestion.files.pattern import SourceFile
from components.ingestion.files.recognize import TFRECORD, format_of
from components.ingestion.files.row import BadRow, Reading, Row
from components.ingestion.files.rows import check_unnamed, checked
from components.ingestion.files.tf_examples import Features, example_features, features_row


class Record(NamedTuple):
    """A row of any format."""

    line: int
    """As of a Row."""
    text: str
    features: tuple[str, ...]
    """The values of the columns with numbers or categories, as text."""
    values: Sequence[str] | Mapping[str, Any]
    """All its values: the cells in the order of the header, or the values by name where rows name their columns."""


def read_all_columns(
    file: SourceFile, text_column: str, how: Reading
) -> tuple[list[str] | None, Iterator[Record | BadRow]]:
    """Returns the header, and the rows one at a time. The header is None if rows name their columns themselves.

    Raises DataError with the file's name if it cannot be read.
    """
    columns = (text_column, "", "")
    form, delimiter = format_of(file, columns, how)
    if delimiter:
        header, rows = delimited_cells(file.path, delimiter, columns, how)
        return header, _from_cells(rows, header, text_column, how)
    check_unnamed(file, how)
    return None, _from_examples(file, text_column, how) if form == TFRECORD else _from_json(file, text_column, how)


def _from_cells(rows: Iterator[Any], header: Sequence[str], name: str, how: Reading) -> Iterator[Record | BadRow]:
    at, others = header.index(name), [header.index(other) for other in how.more]
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            line, cells = row
            yield _record(Row(line, cells[at], "", more=tuple(cells[n] for n in others)), name, cells, how)


def _from_json(file: SourceFile, name: str, how: Reading) -> Iterator[Record | BadRow]:
    for number, found in json_objects(file.path, how):
        if isinstance(found, BadRow):
            yield found
        else:
            yield _record(object_row(found, number, (name, "", ""), how), name, found, how)


def _from_examples(file: SourceFile, name: str, how: Reading) -> Iterator[Record | BadRow]:
    for number, found in example_features(file.path):
        if isinstance(found, BadRow):
            yield found
        else:
            values = _values(found, how.encoding)
            yield _record(features_row(found, number, (name, "", ""), how), name, values, how)


def _values(features: Features, encoding: str) -> dict[str, Any]:
    """Returns features as texts and numbers, by name in order: one value alone, several as a list."""
    found = {name: _value(features[name], encoding) for name in sorted(features)}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _value(feature: Any, encoding: str) -> list[Any]:
    texts = [value.decode(encoding, "backslashreplace") for value in feature.bytes_list.value]
    return [*texts, *feature.int64_list.value, *feature.float_list.value]


def _record(row: Row | BadRow, name: str, values: Any, how: Reading) -> Record | BadRow:
    usable = checked(row, (name, "", ""), how) if isinstance(row, Row) else row
    return Record(usable.line, usable.text, usable.more, values) if isinstance(usable, Row) else usable
