"""Reads the files of the Reuters archive in memory. Nothing is extracted to disk."""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pipeline.core.errors import DataError

MAX_BYTES = 256 * 1024 * 1024
"""The largest size of the decompressed archive. The real one has 28 MB; a larger one is damaged or an attack."""

ARCHIVE = "reuters21578.tar.gz"
URL = f"http://kdd.ics.uci.edu/databases/reuters21578/{ARCHIVE}"

_SGML = re.compile(r"reut2-\d{3}\.sgm")
_FIX = f"replace it with a fresh copy of {URL}"


def sgml_files(archive: Path) -> list[tuple[str, bytes]]:
    """Returns the `reut2-*.sgm` files of a `.tar.gz` in any folder, sorted by name.

    Raises DataError if the archive is cut short, damaged, not a tar file, or has no such files. Also if a member would
    be extracted outside the archive's folder.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpack(archive)), mode="r:") as tar:
            files = sorted(_read(tar, archive))
    except tarfile.TarError as error:
        raise DataError(f"{archive} does not contain a tar archive: {error}; {_FIX}") from error
    if not files:
        raise DataError(f"{archive} contains no file reut2-*.sgm, so it is not Reuters-21578; {_FIX}")
    return files


def _unpack(archive: Path) -> bytes:
    # Decompresses all of it first: tarfile does not check the checksum at the end, and stops at a broken header.
    try:
        with gzip.open(archive) as file:
            data = file.read(MAX_BYTES + 1)
    except EOFError as error:
        raise DataError(f"{archive} is cut short: {error}; {_FIX}") from error
    except zlib.error as error:
        raise DataError(f"{archive} is damaged: {error}; {_FIX}") from error
    except OSError as error:
        raise DataError(f"{archive} cannot be read as gzip: {error}; {_FIX}") from error
    if len(data) > MAX_BYTES:
        raise DataError(f"{archive} unpacks to more than {MAX_BYTES:,} bytes, so it is not Reuters-21578; {_FIX}")
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
        fault = "would be written outside the archive's folder"
    elif member.issym() or member.islnk():
        fault = f"is a link to '{member.linkname}'"
    else:
        return
    raise DataError(f"{archive}: member '{member.name}' {fault}; such an archive is not trusted: {_FIX}")
