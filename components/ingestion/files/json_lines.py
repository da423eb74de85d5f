"""Reads JSON Lines files: one JSON object per line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.ingestion.files.lines import MAX_LINE_BYTES, open_lines
from components.ingestion.files.row import BadRow, Columns, Reading, Row, no_column


def json_rows(path: Path, columns: Columns, how: Reading) -> Iterator[Row | BadRow]:
    """Yields a row for each line and skips blank lines. Raises DataError if the file cannot be read."""
    with open_lines(path, how.encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_LINE_BYTES:
                yield BadRow(number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            elif line.strip():
                yield json_row(line, number, columns)


def json_row(line: str, number: int, columns: Columns) -> Row | BadRow:
    """Reads one line. The text must be a string; label and id must be strings or whole numbers."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return BadRow(number, f"it is not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:  # a number with thousands of digits, or thousands of nested brackets
        return BadRow(number, f"it is not JSON that can be read: {error}")
    if not isinstance(row, dict):
        return BadRow(number, "it is no JSON object")
    values = []
    for name, kinds in zip(columns, ((str,), (str, int), (str, int)), strict=True):
        if name and name not in row:
            return BadRow(number, f"it has {no_column(name, list(row))}")
        value = row[name] if name else ""
        if not isinstance(value, kinds) or isinstance(value, bool):
            expected = "a string" if kinds == (str,) else "a string or a whole number"
            return BadRow(number, f"its {name} is {_shown(value)}, but must be {expected}")
        values.append(str(value))
    return Row(number, *values)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 30 else f"{text[:27]}…"
