"""Reads and writes TFRecord files, with checksums and GZIP. The same records give the same bytes.

Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details. Beam and TensorFlow read the
format, too, but Beam's errors name neither file nor record, and TensorFlow's name a byte offset. Errors here name both.
"""

import gzip
import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO as File
from typing import cast

import google_crc32c

from pipeline.core.errors import DataError

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""The size of the longest accepted record. A larger length is damaged, and is rejected before memory is allocated."""

_BLOCK = 1024 * 1024
"""The number of bytes that are read or written at a time."""

_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEADER = struct.Struct("<QI")


def read_records(path: Path) -> Iterator[bytes]:
    """Yields the records of a TFRecord file. Decompresses it if its name ends in `.gz`.

    Raises DataError, with the file and the record's number from 0, if a checksum fails or the file ends early.
    """
    number, read = 0, bytearray()
    with cast(io.BufferedReader, gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")) as file:
        try:
            # read1 returns the data before damage to the compression; read would raise and lose them.
            while block := file.read1(_BLOCK):
                read += block
                start = 0
                while found := _record_at(read, start):
                    data, start = found
                    yield data
                    number += 1
                del read[:start]
            if read:
                raise ValueError(_missing(read))
            if path.suffix == ".gz" and not path.stat().st_size:
                raise ValueError("the file is empty")  # which gzip takes for no records at all
        except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"{path}: record {number} is damaged: {error}; restore the file or create it again"
            ) from error


def begins_tfrecord(head: bytes) -> bool:
    """Whether the first bytes of a file, uncompressed, are a TFRecord: the checksum of its first length matches."""
    return len(head) >= _HEADER.size and _masked_crc(head[: _LENGTH.size]) == _HEADER.unpack_from(head)[1]


def _record_at(block: bytearray, start: int) -> tuple[bytes, int] | None:
    """Returns the record that begins at `start`, and its end; None if `block` does not contain all of it."""
    begin = start + _HEADER.size
    if len(block) < begin:
        return None
    length, crc = _HEADER.unpack_from(block, start)
    if _masked_crc(bytes(block[start : start + _LENGTH.size])) != crc:
        raise ValueError("the checksum of its length does not match")
    if length > MAX_RECORD_BYTES:
        raise ValueError(f"it is {length:,} bytes long, above the limit of {MAX_RECORD_BYTES:,}")
    end = begin + length
    if len(block) < end + _CRC.size:
        return None
    data = bytes(block[begin:end])
    if _masked_crc(data) != _CRC.unpack_from(block, end)[0]:
        raise ValueError("the checksum of its data does not match")
    return data, end + _CRC.size


def _missing(rest: bytearray) -> str:
    """Returns the fault of a file that ends with `rest`, which is not a complete record."""
    if len(rest) < _HEADER.size:
        return f"the file ends {_HEADER.size - len(rest)} bytes short of the record's length"
    complete = _HEADER.size + _LENGTH.unpack_from(rest)[0] + _CRC.size
    return f"the file ends {complete - len(rest)} bytes short of the record's end"


def write_records(path: Path, records: Iterable[bytes]) -> int:
    """Writes a TFRecord file, with GZIP if its name ends in `.gz`. Returns the number of records.

    Equal records give equal bytes.
    """
    number = 0
    with path.open("wb") as raw, _compressed(raw) if path.suffix == ".gz" else nullcontext(raw) as file:
        for number, record in enumerate(records, start=1):
            header = _LENGTH.pack(len(record))
            file.write(header + _CRC.pack(_masked_crc(header)) + record + _CRC.pack(_masked_crc(record)))
    return number


def _compressed(raw: File[bytes]) -> io.BufferedWriter:
    # Level 1 is the fastest. The header has no name and no time, so that all runs write the same bytes.
    compressed = gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0)
    return io.BufferedWriter(cast(io.RawIOBase, compressed), _BLOCK)


def _masked_crc(data: bytes) -> int:
    crc = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
