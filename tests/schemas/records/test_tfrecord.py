"""TFRecord files: compared with TensorFlow's reader and writer, and the error for each kind of damage."""

import gzip
import random
import time
from pathlib import Path

import pytest
import tensorflow as tf

from pipeline.core.errors import DataError
from schemas.records.tfrecord import MAX_RECORD_BYTES, read_records, write_records

RECORDS = [b"one", b"", b"\x00" * 1_000, "naïve — 日本".encode(), b"last"]


@pytest.mark.parametrize(("name", "compression"), [("plain.tfrecord", ""), ("packed.gz", "GZIP")])
def test_tensorflow_reads_ours_and_we_read_tensorflows(tmp_path: Path, name: str, compression: str) -> None:
    ours, theirs = tmp_path / f"ours-{name}", tmp_path / f"theirs-{name}"
    assert write_records(ours, RECORDS) == len(RECORDS)
    assert list(tf.data.TFRecordDataset(str(ours), compression).as_numpy_iterator()) == RECORDS
    with tf.io.TFRecordWriter(str(theirs), tf.io.TFRecordOptions(compression_type=compression)) as writer:
        for record in RECORDS:
            writer.write(record)
    assert list(read_records(theirs)) == RECORDS


@pytest.mark.parametrize("name", ["a.tfrecord", "a.gz"])
def test_the_same_records_give_the_same_bytes(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_records(tmp_path / name, RECORDS)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    write_records(tmp_path / f"other-{name}", iter(RECORDS))
    assert (tmp_path / name).read_bytes() == (tmp_path / f"other-{name}").read_bytes()


def test_no_records(tmp_path: Path) -> None:
    assert write_records(tmp_path / "none.gz", []) == 0
    assert list(read_records(tmp_path / "none.gz")) == []


# The first record, "one", has bytes 0..18: length at 0, its checksum at 8, data at 12, their checksum at 15.
FLIPPED = {
    3: "record 0 is damaged: the checksum of its length does not match",
    9: "record 0 is damaged: the checksum of its length does not match",
    13: "record 0 is damaged: the checksum of its data does not match",
    17: "record 0 is damaged: the checksum of its data does not match",
    19 + 2: "record 1 is damaged: the checksum of its length does not match",
    -1: "record 4 is damaged: the checksum of its data does not match",
}
CUT = {
    5: "record 0 is damaged: the file ends 7 bytes short of the record's length",
    12: "record 0 is damaged: the file ends 7 bytes short of the record's end",
    14: "record 0 is damaged: the file ends 5 bytes short of the record's end",
    20: "record 1 is damaged: the file ends 11 bytes short of the record's length",
    -1: "record 4 is damaged: the file ends 1 bytes short of the record's end",
}


@pytest.mark.parametrize("position", FLIPPED)
@pytest.mark.parametrize("name", ["a.tfrecord", "a.gz"])
def test_a_flipped_byte(tmp_path: Path, name: str, position: int) -> None:
    content = bytearray(bytes_of(tmp_path))
    content[position] ^= 1
    path = put(tmp_path / name, bytes(content))
    with pytest.raises(DataError) as caught:
        list(read_records(path))
    assert str(caught.value) == f"{path}: {FLIPPED[position]}; restore the file or create it again"


@pytest.mark.parametrize("size", CUT)
@pytest.mark.parametrize("name", ["a.tfrecord", "a.gz"])
def test_a_file_cut_short(tmp_path: Path, name: str, size: int) -> None:
    path = put(tmp_path / name, bytes_of(tmp_path)[:size])
    with pytest.raises(DataError) as caught:
        list(read_records(path))
    assert str(caught.value) == f"{path}: {CUT[size]}; restore the file or create it again"


def test_the_records_before_the_damage_are_read(tmp_path: Path) -> None:
    content = bytes_of(tmp_path)[:-1]
    records = read_records(put(tmp_path / "a.gz", content))
    assert [next(records) for _ in RECORDS[:-1]] == RECORDS[:-1]


def test_a_compressed_file_cut_in_the_middle(tmp_path: Path) -> None:
    records = [random.Random(number).randbytes(1_000) for number in range(300)]
    path = tmp_path / "a.gz"
    write_records(path, records)
    path.write_bytes(path.read_bytes()[:200_000])
    read = list[bytes]()
    with pytest.raises(DataError, match="Compressed file ended before the end-of-stream marker") as caught:
        read.extend(read_records(path))
    assert str(caught.value).startswith(f"{path}: record {len(read)} is damaged: ")
    assert read == records[: len(read)]
    assert 180 < len(read) < 200, "records before the cut are read"


def test_records_longer_than_a_block(tmp_path: Path) -> None:
    records = [b"x" * size for size in (MAX_RECORD_BYTES, 1, MAX_RECORD_BYTES // 2)]
    for name in ("a.gz", "a.tfrecord"):
        write_records(tmp_path / name, records)
        assert list(read_records(tmp_path / name)) == records


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "record 0 is damaged: the file is empty"),
        (b"not packed at all", "record 0 is damaged: Not a gzipped file (b'no')"),
        (gzip.compress(b"x" * 100, mtime=0)[:-4], "record 0 is damaged: "),
        (gzip.compress(b"x" * 5_000, mtime=0)[:20], "record 0 is damaged: "),
        (gzip.compress(b"a page of HTML", mtime=0), "record 0 is damaged: the checksum of its length does not match"),
    ],
)
def test_a_damaged_gzip_stream(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(read_records(path))
    assert str(caught.value).startswith(f"{path}: {message}")


def test_an_invalid_length_is_rejected_before_memory_is_allocated(tmp_path: Path) -> None:
    path = tmp_path / "long.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(b"x" * (MAX_RECORD_BYTES + 1))
    with pytest.raises(DataError, match=r"record 0 is damaged: it is 16,777,217 bytes long, above the limit"):
        list(read_records(path))


def bytes_of(directory: Path) -> bytes:
    write_records(directory / "whole.tfrecord", RECORDS)
    return (directory / "whole.tfrecord").read_bytes()


def put(path: Path, content: bytes) -> Path:
    """Writes the content, compressed if the name ends in `.gz`, and returns the path."""
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
