"""A row of a user's file: a good one, or a bad one with its line and what is wrong with it.

A file that cannot be read at all, or lacks a column, is a DataError; a row that cannot be used is a BadRow.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.core.errors import near_match

Columns = tuple[str, str, str]
"""Of text, label and id; the last is empty if documents are named by file and row."""


class Row(NamedTuple):
    """A row as it stands."""

    line: int
    """Where it begins, from 1; of a TFRecord its number, from 0."""
    text: str
    label: str
    id: str = ""


class BadRow(NamedTuple):
    """A row, or `lines` of them that run together, that cannot be used, and why."""

    line: int
    why: str
    lines: int = 1


def no_column(name: str, present: Sequence[str]) -> str:
    """`no column 'x'; did you mean 'y'? (columns: …)`."""
    hint = near_match(name, present)
    listed = f" (columns: {', '.join(present)})" if hint.startswith("; did") else ""
    return f"no column '{name}'{hint}{listed}"
