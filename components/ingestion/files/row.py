"""A row of the user's file: one that can be used, or a bad row with its line and its fault.

A file that cannot be read or has no such column raises DataError. A row that cannot be used is returned as a BadRow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from components.ingestion.files.text_encoding import UTF8
from pipeline.core.errors import listed, near_match, shown_name

Columns = tuple[str, str, str]
"""The columns of text, label and id. The id column is empty if ids are made from file name and line.

The label column is empty where only the texts are wanted.
"""


AUTO, MINIMAL, NONE = "auto", "minimal", "none"
QUOTING = (AUTO, MINIMAL, NONE)
"""What a quotation mark in a CSV or TSV file is: decided by the file, the edge of a cell, or a part of the text."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How text files are read."""

    encoding: str = UTF8
    quoting: str = AUTO
    """One of QUOTING."""
    names: tuple[str, ...] = ()
    """The columns of files without a header, in order; empty if the first line names them."""
    texts: tuple[str, ...] = ()
    """The text columns after the first one; their texts are joined. Empty if there is one text column."""
    features: tuple[str, ...] = ()
    """The columns with numbers or categories, by name."""
    numbers: tuple[str, ...] = ()
    """Those that must have numbers, where a model was trained on numbers."""

    @property
    def more(self) -> tuple[str, ...]:
        """The columns that a row has in addition to text, label and id."""
        return self.texts + self.features


class Row(NamedTuple):
    """The values of a row, as they are in the file."""

    line: int
    """The line where it begins, from 1; for a TFRecord file the record's number, from 0."""
    text: str
    label: str
    id: str = ""
    more: tuple[str, ...] = ()
    """The values of the columns in `Reading.more`; after the texts are joined: the values of the features alone."""


class BadRow(NamedTuple):
    """A row that cannot be used, and why. `lines`: how many lines of the file it covers."""

    line: int
    why: str
    lines: int = 1


def no_column(name: str, present: Sequence[str]) -> str:
    """Returns `no column 'x'; did you mean 'y'? (columns: …)`."""
    hint = near_match(name, present)
    columns = f" (columns: {listed(present)})" if hint.startswith("; did") else ""
    return f"no column '{shown_name(name)}'{hint}{columns}"
