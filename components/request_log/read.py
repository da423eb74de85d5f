"""Reads the log of requests while servers write it. Light to import."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from components.request_log.segments import day_of, segments
from schemas.contracts.requests import LoggedText

_LINE = msgspec.json.Decoder(LoggedText)


@dataclass(frozen=True)
class Damage:
    """Lines that cannot be read."""

    path: Path
    lines: int
    """0: the rest of the file, whose compressed form is damaged."""
    why: str


@dataclass(frozen=True)
class Log:
    """The logged texts of one model. The folder need not exist."""

    folder: Path

    def days(self) -> list[str]:
        """Returns the days that have a file, in order."""
        return sorted({day_of(path) for path in segments(self.folder)})

    def read(self, days: Iterable[str]) -> Iterator[LoggedText | Damage]:
        """Yields the texts of these days, and after those of a file its damage, if there is any."""
        wanted = set(days)
        for path in segments(self.folder):
            if day_of(path) in wanted:
                yield from _texts(path)


def _texts(path: Path) -> Iterator[LoggedText | Damage]:
    damaged, why = 0, ""
    try:
        for line in _lines(path):
            try:
                yield _LINE.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                damaged, why = damaged + 1, str(error)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Damage(path, 0, str(error))
    if damaged:
        yield Damage(path, damaged, why)


def _lines(path: Path) -> Iterator[bytes]:
    """Yields the lines of a file that are complete. The last one may be half written."""
    try:
        file = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    except FileNotFoundError:  # compressed or deleted since the folder was listed
        complete = path.with_name(f"{path.name}.gz")
        if path.suffix == ".gz" or not complete.exists():
            return
        file = gzip.open(complete, "rb")
    with file:
        yield from (line for line in file if line.endswith(b"\n"))
