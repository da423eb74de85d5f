"""Reads a text file line by line, in limited memory even if a line is very long."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import IO as File
from typing import cast

from pipeline.core.errors import DataError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Twice the size of the longest text that is accepted."""

BLOCK = 1024 * 1024
"""The number of bytes that are read at a time."""

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_lines(path: Path) -> Iterator[Iterator[str]]:
    """Opens a file as an iterator of its lines, line ends included. Decompresses it if its name ends in `.gz`.

    Bytes that are not UTF-8 become lone surrogates (`surrogateescape`). A line longer than MAX_LINE_BYTES is never held
    in memory: a line of MAX_LINE_BYTES + 1 letters replaces it, which the parser rejects as too long.

    Raises DataError, naming the file, if it cannot be read.
    """
    try:
        with cast(File[bytes], gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")) as file:
            # StringIO splits lines in C: in Python this takes longer than all other work on a line.
            yield chain.from_iterable(
                StringIO(lines.decode(errors="surrogateescape"), newline="\n") for lines in _whole_lines(file, path)
            )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged: {error}; restore the file or create it again") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def _whole_lines(file: File[bytes], path: Path) -> Iterator[bytes]:
    """Yields blocks of complete lines."""
    block = file.read(BLOCK)
    if block.startswith(_UTF16):
        raise DataError(f"{path} is UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)")
    held, too_long = block.removeprefix(_BOM), False
    while block:
        first_end = held.find(b"\n") + 1
        too_long = too_long or (first_end or len(held)) > MAX_LINE_BYTES
        if too_long:
            held = _too_long() + held[first_end - 1 :] if first_end else b""
            too_long = not first_end
        end = held.rfind(b"\n") + 1
        yield held[:end]
        block = file.read(BLOCK)
        held = held[end:] + block
    yield _too_long() if too_long else held


def _too_long() -> bytes:
    return b"x" * (MAX_LINE_BYTES + 1)
