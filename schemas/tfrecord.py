"""TFRecord files: framing with checksums, GZIP, the same bytes for the same records.

Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details. Beam reads it too, but its
errors name neither file nor record, and TensorFlow's count bytes; here they are what a person needs.
"""

import gzip
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import IO as File
from typing import cast

import google_crc32c

from pipeline.errors import DataError

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""No text worth training on is longer; a length beyond it is damage, and is refused before memory is taken."""

_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")


def read_records(path: Path) -> Iterator[bytes]:
    """Yields the records of a TFRecord file, decompressed if its name ends in `.gz`.

    Raises DataError, naming the file and the record's number from 0, where a checksum fails or the file ends early.
    """
    opened = cast(File[bytes], gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb"))
    number = 0
    with closing(opened) as file:
        try:
            while (record := _read_record(file)) is not None:
                yield record
                number += 1
        except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path}: record {number} is damaged: {error}; restore the file or make it anew") from error


def _read_record(file: File[bytes]) -> bytes | None:
    header = file.read(12)
    if not header:
        return None
    if len(header) < 12:
        raise ValueError(f"the file ends {12 - len(header)} bytes short of the record's length")
    if _masked_crc(header[:8]) != _CRC.unpack(header[8:])[0]:
        raise ValueError("the checksum of its length does not match")
    length = _LENGTH.unpack(header[:8])[0]
    if length > MAX_RECORD_BYTES:
        raise ValueError(f"it is {length:,} bytes long, above the limit of {MAX_RECORD_BYTES:,}")
    body = file.read(length + 4)
    if len(body) < length + 4:
        raise ValueError(f"the file ends {length + 4 - len(body)} bytes short of its end")
    data = body[:length]
    if _masked_crc(data) != _CRC.unpack(body[length:])[0]:
        raise ValueError("the checksum of its data does not match")
    return data


def write_records(path: Path, records: Iterable[bytes]) -> int:
    """Writes a TFRecord file, GZIP if its name ends in `.gz`; returns the number of records.

    Equal records give equal bytes.
    """
    number = 0
    with path.open("wb") as raw, _packed(raw) if path.suffix == ".gz" else nullcontext(raw) as file:
        for number, record in enumerate(records, start=1):
            header = _LENGTH.pack(len(record))
            file.write(header + _CRC.pack(_masked_crc(header)) + record + _CRC.pack(_masked_crc(record)))
    return number


def _packed(raw: File[bytes]) -> gzip.GzipFile:
    # Level 1: the fastest. No name and no time in the header, or no two runs would write the same bytes.
    return gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0)


def _masked_crc(data: bytes) -> int:
    crc = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
