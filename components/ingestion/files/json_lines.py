"""Reads JSON Lines files: one JSON object per line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from components.ingestion.files.lines import MAX_LINE_BYTES, open_lines
from components.ingestion.files.row import BadRow, Columns, Reading, Row, no_column


def json_rows(path: Path, columns: Columns, how: Reading) -> Iterator[Row | BadRow]:
    """Yields the wanted columns of each line as `json_objects` does."""
    for number, found in json_objects(path, how):
        yield found if isinstance(found, BadRow) else object_row(found, number, columns, how)


def json_objects(path: Path, how: Reading) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    """Yields the number and the object of each line. Skips blank lines. Raises DataError if the file cannot be read."""
    with open_lines(path, how.encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_LINE_BYTES:
                yield number, BadRow(number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            elif line.strip():
                yield number, _object(line, number)


def _object(line: str, number: int) -> dict[str, Any] | BadRow:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return BadRow(number, f"it is not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:  # a number with thousands of digits, or thousands of nested brackets
        return BadRow(number, f"it is not JSON that can be read: {error}")
    if not isinstance(row, dict):
        return BadRow(number, "it is no JSON object")
    return row


_TEXT, _SEVERAL, _NAME, _FEATURE = (str,), (str, NoneType), (str, int), (str, int, float, bool, NoneType)
"""The types of a text, of one of several texts, of a label or id, and of a feature."""

_EXPECTED: dict[tuple[type, ...], str] = {
    _TEXT: "a string",
    _SEVERAL: "a string or null",
    _NAME: "a string or a whole number",
    _FEATURE: "a string, a number, true, false or null",
}


def object_row(row: Mapping[str, Any], number: int, columns: Columns, how: Reading) -> Row | BadRow:
    """Returns the wanted columns of an object. The text must be a string; label and id: strings or whole numbers.

    Null in one of several texts or in a feature is an empty value.
    """
    kinds: list[tuple[type, ...]] = [_SEVERAL if how.texts else _TEXT, _NAME, _NAME, *[_SEVERAL] * len(how.texts)]
    kinds += [_FEATURE] * len(how.features)
    values = []
    for name, types in zip((*columns, *how.more), kinds, strict=True):
        if name and name not in row:
            return BadRow(number, f"it has {no_column(name, list(row))}")
        value = row[name] if name else ""
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            return BadRow(number, f"its {name} is {_shown(value)}, but must be {_EXPECTED[types]}")
        values.append(json.dumps(value) if isinstance(value, bool) else "" if value is None else str(value))
    text, label, id_, *more = values
    return Row(number, text, label, id_, tuple(more))


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 30 else f"{text[:27]}…"
