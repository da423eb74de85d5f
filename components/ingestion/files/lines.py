"""Reads a text file line by line, in limited memory even if a line is very long."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import IO as File
from typing import Protocol, cast

from components.ingestion.files.text_encoding import MARK, UTF8, wrong_encoding
from pipeline.core.errors import DataError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Twice the size of the longest text that is accepted."""

BLOCK = 1024 * 1024
"""The number of bytes that are read at a time."""

GZIP = b"\x1f\x8b"

_NOT_UTF8 = re.compile("[\udc80-\udcff]")


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


@contextmanager
def open_bytes(path: Path) -> Iterator[File[bytes]]:
    """Opens a file, and decompresses it if its content is gzip, whatever its name is.

    Raises DataError, naming the file, if it cannot be read.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            yield cast(File[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged: {error}; restore the file or create it again") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


@contextmanager
def open_lines(path: Path, encoding: str = UTF8) -> Iterator[Iterator[str]]:
    """Opens a file as an iterator of its lines, line ends included.

    In a file that is mostly UTF-8, other bytes become lone surrogates (`surrogateescape`). A line longer than
    MAX_LINE_BYTES is never held in memory: a line of MAX_LINE_BYTES + 1 letters replaces it, which the parser rejects
    as too long. Raises DataError, naming the file, if it cannot be read or has another encoding.
    """
    with open_bytes(path) as file:
        source: _Source = file if encoding == UTF8 else _Recoded(file, path, encoding)
        decode = _Decoder(path)
        # StringIO splits lines in C: in Python this takes longer than all other work on a line.
        yield chain.from_iterable(StringIO(decode(lines), newline="\n") for lines in _whole_lines(source))


class _Decoder:
    """Decodes blocks of UTF-8. Raises DataError when most bytes that are not ASCII turn out to be not UTF-8 either."""

    def __init__(self, path: Path) -> None:
        self.path, self.good, self.bad = path, 0, 0

    def __call__(self, block: bytes) -> str:
        try:
            text = block.decode()
        except UnicodeDecodeError:
            text = block.decode(errors="surrogateescape")
            self.bad += len(_NOT_UTF8.findall(text))
            if self.bad > self.good + len(block) - len(text):
                raise _wrong(self.path, UTF8) from None
        self.good += len(block) - len(text)  # each character has one or more bytes
        return text


class _Recoded:
    """A file in another encoding, read as UTF-8."""

    def __init__(self, file: File[bytes], path: Path, encoding: str) -> None:
        self.text = io.TextIOWrapper(file, encoding, newline="")
        self.path, self.encoding = path, encoding

    def read(self, size: int) -> bytes:
        try:
            return self.text.read(size).encode(errors="backslashreplace")
        except UnicodeError:
            raise _wrong(self.path, self.encoding) from None


def _wrong(path: Path, encoding: str) -> DataError:
    with open_bytes(path) as file:
        return wrong_encoding(path, iter(lambda: file.read(BLOCK), b""), encoding)


def _whole_lines(file: _Source) -> Iterator[bytes]:
    """Yields blocks of complete lines."""
    block = file.read(BLOCK)
    held, too_long = block.removeprefix(MARK), False
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
