"""The lines of a text file, one at a time and none of them too long to hold."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO as File
from typing import cast

from pipeline.errors import DataError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Twice the longest text that is read. A longer line is skipped, never held."""

_BOM = "\ufeff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class LongLineError(Exception):
    """A line was too long, and was skipped; the next one can be read."""


class Lines:
    """Iterates over lines with their ends. Bytes that are not UTF-8 come as lone surrogates (`surrogateescape`)."""

    def __init__(self, file: File[bytes], path: Path) -> None:
        self._file, self._path = file, path
        self.number = 0
        """Of the last line, from 1."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Raises LongLineError for a line that is too long, and goes on after it when called again."""
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = self._file.readline(MAX_LINE_BYTES)
            raise LongLineError(f"the line is longer than {MAX_LINE_BYTES:,} bytes")
        if self.number == 1 and line.startswith(_UTF16):
            raise DataError(f"{self._path} is UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)")
        text = line.decode(errors="surrogateescape")
        return text.removeprefix(_BOM) if self.number == 1 else text


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """Opens a file, unpacked if its name ends in `.gz`. Raises DataError, naming it, if it cannot be read."""
    try:
        with cast(File[bytes], gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")) as file:
            yield Lines(file, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged: {error}; restore the file or make it anew") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
