"""Reads the files of the Reuters archive in memory; nothing of it is ever written to disk."""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pipeline.core.errors import DataError

MAX_BYTES = 256 * 1024 * 1024
"""The most that an archive may unpack to. The collection's is 28 MB; more is damage or an attack."""

ARCHIVE = "reuters21578.tar.gz"
URL = f"http://kdd.ics.uci.edu/databases/reuters21578/{ARCHIVE}"

_SGML = re.compile(r"reut2-\d{3}\.sgm")
_AGAIN = f"replace it with a fresh copy of {URL}"


def sgml_files(archive: Path) -> list[tuple[str, bytes]]:
    """The `reut2-*.sgm` files of a `.tar.gz`, whatever their folder, by name.

    Raises DataError if it is cut short, damaged, no tar, has none of them, or has a member that would escape.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpack(archive)), mode="r:") as tar:
            files = sorted(_read(tar, archive))
    except tarfile.TarError as error:
        raise DataError(f"{archive} holds no tar archive: {error}; {_AGAIN}") from error
    if not files:
        raise DataError(f"{archive} holds no file reut2-*.sgm, so it is not Reuters-21578; {_AGAIN}")
    return files


def _unpack(archive: Path) -> bytes:
    # Whole and first: tarfile reads neither the checksum at the end nor past a broken header.
    try:
        with gzip.open(archive) as file:
            data = file.read(MAX_BYTES + 1)
    except EOFError as error:
        raise DataError(f"{archive} is cut short: {error}; {_AGAIN}") from error
    except zlib.error as error:
        raise DataError(f"{archive} is damaged: {error}; {_AGAIN}") from error
    except OSError as error:
        raise DataError(f"{archive} cannot be read as gzip: {error}; {_AGAIN}") from error
    if len(data) > MAX_BYTES:
        raise DataError(f"{archive} unpacks to more than {MAX_BYTES:,} bytes, so it is not Reuters-21578; {_AGAIN}")
    return data


def _read(tar: tarfile.TarFile, archive: Path) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        _refuse_escape(member, archive)
        name = PurePosixPath(member.name).name
        file = tar.extractfile(member) if member.isreg() and _SGML.fullmatch(name) else None
        if file is not None:
            yield name, file.read()


def _refuse_escape(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        fault = "would be written outside of its folder"
    elif member.issym() or member.islnk():
        fault = f"is a link to '{member.linkname}'"
    else:
        return
    raise DataError(f"{archive}: member '{member.name}' {fault}; such an archive is not trusted: {_AGAIN}")
