"""The first line of a CSV or TSV file: its delimiter, its columns, and whether it is a header at all."""

import csv
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from components.ingestion.files.row import Columns, no_column
from pipeline.core.errors import DataError, listed

DELIMITERS = (",", "\t", ";", "|")
_SHOWN, _SHOWN_COLUMNS = 4, 12

_CLOSE = 0.7
"""How similar a name must be to the wanted one, if the first line is to count as a header."""


def cells_of(line: str, delimiter: str) -> list[str]:
    """Returns the cells of one line, without white space around them."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [line]


def known_columns(line: str, delimiter: str, columns: Columns) -> bool:
    """Whether a line names the columns of text, label and id."""
    return {name for name in columns if name} <= set(cells_of(line, delimiter))


def find_delimiter(lines: Sequence[str], default: str, columns: Columns, names: Sequence[str] = ()) -> str:
    """Returns the delimiter of a file, from its first lines.

    It is the one that separates the wanted columns, or as many columns as `names` has. Among several such, one that
    gives all lines the same number of cells comes first; then a tab, because other texts hardly have tabs; then
    `default`.
    """
    first = lines[0] if lines else ""
    order = sorted(DELIMITERS, key=lambda d: (not _is_regular(lines, d), d != "\t" or d not in first, d != default))
    for delimiter in order:
        if len(cells_of(first, delimiter)) == len(names) if names else known_columns(first, delimiter, columns):
            return delimiter
    if _is_regular(lines, order[0]):
        return order[0]
    return next((delimiter for delimiter in ("\t", default) if delimiter in first), max(order, key=first.count))


def _is_regular(lines: Sequence[str], delimiter: str) -> bool:
    widths = {len(cells_of(line, delimiter)) for line in lines}
    return len(widths) == 1 and min(widths) > 1


def check_header(
    header: Sequence[str], rows: Sequence[Sequence[str]], path: Path, columns: Columns, more: Sequence[str] = ()
) -> None:
    """Raises DataError if a header has not each wanted column once. `rows`: the first rows, the header's line first.

    `more`: the wanted columns in addition to text, label and id.
    """
    for name in filter(None, (*columns, *more)):
        if header.count(name) > 1:
            raise DataError(f"{path}: its header names column '{name}' {header.count(name)} times; rename one")
    missing = [name for name in columns if name and name not in header]
    if not missing:
        if absent := [name for name in more if name not in header]:
            raise DataError(f"{path} has {no_column(absent[0], header)}; every file needs each column of "
                            "--text_columns and --feature_columns")  # fmt: skip
        return
    if not columns[1]:
        raise DataError(
            f"{path} has {no_column(missing[0], header)}; choose the column of the texts with --text_column, or, if "
            "the first line is a row, name all columns in order with --columns"
        )
    if len(header) < 2:
        raise DataError(
            f"{path} has {no_column(missing[0], header)}; its first line has one field: separate the columns by "
            "commas, tabs, semicolons or |"
        )
    close = any(get_close_matches(name, header, 1, _CLOSE) for name in missing)
    if close or len(missing) < len([name for name in columns if name]):
        raise DataError(f"{path} has {no_column(missing[0], header)}")
    names = " and ".join(f"'{name}'" for name in missing[:2])
    raise DataError(
        f"{path} has no columns {names}; its first line is: {listed(header, _SHOWN)}. Is the header missing? If this "
        f"line is a row, name the columns in order: --columns={_guess(rows, columns)}. If it names the columns, choose "
        "two of them with --text_column and --label_column"
    )


def check_names(first: Sequence[str], path: Path, names: Sequence[str]) -> None:
    """Raises DataError if `--columns` does not fit the first row of a file."""
    if list(first) == list(names):
        raise DataError(f"the first line of {path} names the columns itself; leave out --columns")
    if len(first) != len(names):
        raise DataError(
            f"the first row of {path} has {len(first)} fields ({listed(first, _SHOWN)}), but --columns names "
            f"{len(names)}; name every column, in order"
        )


def _guess(rows: Sequence[Sequence[str]], columns: Columns) -> str:
    """Returns names for columns without a header: the text is the longest, the label has the fewest values."""
    width = len(rows[0])
    cells = [[row[at] for row in rows if len(row) == width] for at in range(width)]
    text = max(range(width), key=lambda at: sum(map(len, cells[at])))
    label = min(
        (at for at in range(width) if at != text), key=lambda at: (len(set(cells[at])), sum(map(len, cells[at])))
    )
    names = [f"column{at + 1}" for at in range(width)]
    names[text], names[label] = columns[0], columns[1]
    free = [at for at in range(width) if at not in (text, label)]
    if columns[2] and free:
        names[max(free, key=lambda at: len(set(cells[at])))] = columns[2]
    return ",".join(names[:_SHOWN_COLUMNS]) + (",…" if width > _SHOWN_COLUMNS else "")
