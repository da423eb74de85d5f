"""Files are recognized by their content, whatever their names are."""

import bz2
import gzip
import io
import json
import lzma
import shlex
import sqlite3
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as parquet
import pytest

from components.ingestion.files.pattern import find_files
from components.ingestion.files.row import BadRow, Reading, Row
from components.ingestion.files.rows import read_rows
from pipeline.core.errors import DataError
from schemas.records.tfrecord import write_records

CSV = b"text,label\n" + b"".join(b"a text %d,%s\n" % (n, b"xy"[n % 2 : n % 2 + 1]) for n in range(30))
ROWS = [Row(n + 2, f"a text {n}", "xy"[n % 2]) for n in range(30)]
TABLE = pa.table({"text": ["a", "b"], "label": ["x", "y"]})


def read(path: Path, **how: object) -> list[Row | BadRow]:
    return list(read_rows(find_files(str(path))[0], ("text", "label", ""), Reading(**how)))  # type: ignore[arg-type]


def error(path: Path, **how: object) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **how)
    message = str(caught.value)
    assert str(path) in message
    assert len(message) < 900 + len(str(path)) * 4
    return message


def zipped(**entries: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return held.getvalue()


def tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV))
    return held.getvalue()


def database(path: Path) -> bytes:
    made = sqlite3.connect(path / "made.db")
    made.execute("create table my_table (text, label)")
    made.commit()
    made.close()
    return (path / "made.db").read_bytes()


def saved(write: Callable[..., object], path: Path) -> bytes:
    write(TABLE, str(path / "made"))
    return (path / "made").read_bytes()


def records(path: Path) -> bytes:
    write_records(path / "made.tfrecord", [b"one", b"two"])
    return (path / "made.tfrecord").read_bytes()


KINDS: list[tuple[str, bytes | Callable[[Path], bytes], str]] = [
    ("zip", zipped(a_dot_csv=CSV), "is a ZIP archive; unpack it: `python3 -m zipfile -e {file} unpacked`"),
    ("damaged zip", zipped(a_dot_csv=CSV)[:40], "is a ZIP archive"),
    ("empty zip", zipped(), "is a ZIP archive"),
    ("xlsx", zipped(xl__workbook_dot_xml=b"<x/>"), "is an Excel file (.xlsx); save it as CSV (UTF-8) in a spreadsheet"),
    ("ods", zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "is an OpenDocument spreadsheet"),
    ("docx", zipped(word__document_dot_xml=b"<x/>"), "is an office document; it has no rows of texts and labels"),
    ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an old Excel or Word file (.xls, .doc)"),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF file"),
    ("bz2", bz2.compress(CSV), "is compressed with bzip2; unpack it: `bzip2 -dc {file} > {new}`"),
    ("xz", lzma.compress(CSV), "is compressed with xz; unpack it: `xz -dc {file} > {new}`"),
    ("zstd", b"\x28\xb5\x2f\xfd\x04\x00", "is compressed with zstd; unpack it: `zstd -dc < {file} > {new}`"),
    ("lz4", b"\x04\x22\x4d\x18\x64", "is compressed with lz4"),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\4", "is a 7z archive; unpack it: `7z x -ounpacked {file}`"),
    ("rar", b"Rar!\x1a\x07\x01\0", "is a RAR archive"),
    ("tar", tarred(), "is a tar archive; unpack it: `mkdir -p unpacked && tar -xf {file} -C unpacked`"),
    ("tar.gz", gzip.compress(tarred()), "is a tar archive"),
    ("gzip in gzip", gzip.compress(gzip.compress(CSV)),
     "is compressed twice with gzip; unpack it: `gzip -dc < {file} | gzip -dc > {new}`"),
    ("parquet", lambda path: saved(parquet.write_table, path), "is a Parquet file; convert it: `"),
    ("feather", lambda path: saved(feather.write_feather, path), "is an Arrow (Feather) file; convert it: `"),
    ("orc", lambda path: saved(orc.write_table, path), "is an ORC file; convert it: `"),
    ("sqlite", database, "is an SQLite database; export a table: `sqlite3 -header -csv {file}"),
    ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG image"),
    ("jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF", "is a JPEG image"),
    ("pickle", b"\x80\x04\x95\x0c\0\0\0\0\0\0\0}", "is a Python pickle"),
    ("html", b"\n  <!DOCTYPE html>\n<html><body>Sign in, please</body></html>", "is an HTML page; often a login or"),
    ("bare html", b"<HTML>\n<body>404, not found</body></HTML>", "is an HTML page"),
    ("xml", b"\xef\xbb\xbf<?xml version='1.0'?>\n<rows/>", "is an XML file"),
    ("xml without head", b"<rows><row label='x'>a, b</row></rows>", "is an XML file"),
    ("xml in utf-16", "<?xml version='1.0'?>\n<a>b,c</a>\n".encode("utf-16"), "is UTF-16"),
    ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n",
     "is a Git LFS pointer, not the data; fetch the data: `git -C {folder} lfs pull`"),
    ("tfrecord", records, "is a TFRecord file, but its name does not say so; rename it: `mv {file} {file}.tfrecord`"),
    ("tfrecord.gz", lambda path: gzip.compress(records(path)), "`mv {file} {file}.tfrecord.gz`"),
    ("utf-16", CSV.decode().encode("utf-16"), "is UTF-16, not utf-8; read it with --encoding=utf-16"),
    ("utf-16-le", CSV.decode().encode("utf-16-le"), "is UTF-16-LE, not utf-8; read it with --encoding=utf-16-le"),
    ("utf-16-be", CSV.decode().encode("utf-16-be"), "is UTF-16-BE, not utf-8; read it with --encoding=utf-16-be"),
    ("utf-32", CSV.decode().encode("utf-32"), "is UTF-32, not utf-8; read it with --encoding=utf-32"),
    ("utf-32-le", CSV.decode().encode("utf-32-le"), "is UTF-32-LE, not utf-8; read it with --encoding=utf-32-le"),
    ("utf-32-be", CSV.decode().encode("utf-32-be"), "is UTF-32-BE, not utf-8; read it with --encoding=utf-32-be"),
    ("chinese utf-16-le", "text,label\n这个产品很好,好\n".encode("utf-16-le"), "--encoding=utf-16-le"),
    ("nul in header", b"te\0xt,label\na,x\n", "has NUL characters in its first line; remove them: `tr -d '\\000'"),
    ("binary", bytes(range(1, 9)) * 50, "is not a text file: it has control characters all over"),
    ("zeros", bytes(5_000), "is not a text file"),
    ("empty", b"", "is empty; its first line must name the columns"),
    ("white", b" \n\n\t\n", "is empty; its first line must name the columns"),
    ("blank first line", b"\n\n" + CSV, "the first line of {file} is blank; delete the blank lines before the rows"),
    ("mac", CSV.replace(b"\n", b"\r"), "has the line ends of old Macs (a carriage return alone); convert it: `tr"),
    ("json array", b'[{"text": "a", "label": "x"}]', "is one JSON document, expected one object a line; convert it"),
    ("pretty json", b'[\n  {\n    "text": "a"', "is one JSON document"),
    ("prose", b"Dear all\n\nthis is a letter\n", "has no column"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "b c.csv", "a.tsv", "a.jsonl", "a.txt", "a", "a.csv.gz"])
@pytest.mark.parametrize(("kind", "content", "message"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_what_a_file_is(
    kind: str, content: bytes | Callable[[Path], bytes], message: str, name: str, tmp_path: Path
) -> None:
    if (name.endswith("jsonl") and kind in ("empty", "white", "blank first line", "prose")) or (
        kind == "prose" and name in ("a.txt", "a")
    ):
        return  # these have their own tests
    made = tmp_path / "made"
    made.mkdir()
    path = tmp_path / name
    path.write_bytes(content(made) if callable(content) else content)
    end = next((end for end in (".csv", ".tsv", ".jsonl") if end in name), ".csv")
    places = {"{file}": shlex.quote(str(path)), "{folder}": str(tmp_path),
              "{new}": shlex.quote(str(tmp_path / f"{name.split('.')[0]}-converted{end}"))}  # fmt: skip
    if "tfrecord" in kind and name in ("b c.csv", "a.csv.gz"):
        message = "rename it: `mv "
    for mark, place in places.items():
        message = message.replace(mark, place)
    found = error(path)
    assert message.replace("'", "") in found.replace("'", "")


RUN = ["zip", "bz2", "xz", "tar", "tar.gz", "gzip in gzip", "parquet", "feather", "orc", "tfrecord", "blank first line",
       "mac", "nul in header", "json array"]  # fmt: skip


@pytest.mark.parametrize("kind", RUN)
def test_the_command_of_a_message_works(kind: str, tmp_path: Path) -> None:
    content = next(content for name, content, _ in KINDS if name == kind)
    (tmp_path / "made").mkdir()
    path = tmp_path / "in put.csv"
    path.write_bytes(content(tmp_path / "made") if callable(content) else content)
    command = error(path).split("`")[1]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    [new] = [file for file in tmp_path.rglob("*") if file.is_file() and file != path and file.parent.name != "made"]
    rows = read(new)
    assert rows == ROWS or len(rows) in (1, 2)
    assert kind == "tfrecord" or not any(isinstance(row, BadRow) for row in rows)


GOOD: list[tuple[str, bytes, list[Row]]] = [
    ("a.csv", gzip.compress(CSV), ROWS),
    ("a.txt", gzip.compress(CSV), ROWS),
    ("a.csv.gz", CSV, ROWS),
    ("a.CSV", CSV, ROWS),
    ("a.txt", CSV, ROWS),
    ("a", CSV, ROWS),
    ("a.data.2026", CSV.replace(b",", b"\t"), ROWS),
    ("a.txt", CSV.replace(b",", b";"), ROWS),
    ("a.csv", CSV.replace(b",", b"|"), ROWS),
    ("a.csv", CSV.replace(b",", b"\t"), ROWS),
    ("a.tsv", CSV, ROWS),
    ("a.jsonl", CSV, ROWS),
    ("a.json", b'{"text": "a", "label": 1}\n\n{"text": "b", "label": 2}\n', [Row(1, "a", "1"), Row(3, "b", "2")]),
    ("a.csv", b'{"text": "a", "label": 1}\n', [Row(1, "a", "1")]),
    ("a.log", b'\n{"text": "a", "label": 1}\n', [Row(2, "a", "1")]),
    ("a.ndjson", gzip.compress(b'{"text": "a", "label": 1}\n'), [Row(1, "a", "1")]),
    ("a.jsonl", b"", []),
    ("a.jsonl", b"\n\n", []),
    ("a.jsonl", b"\n" * 50 + b'{"text": "a", "label": 1}', [Row(51, "a", "1")]),
    ("a.txt", json.dumps({"text": "a " * 60_000, "label": "x"}).encode(), [Row(1, "a " * 60_000, "x")]),
    ("a.csv", b"text,label\n<b>bold</b>,x\n", [Row(2, "<b>bold</b>", "x")]),
    ("a.csv", b"\xef\xbb\xbftext,label\na,x\n", [Row(2, "a", "x")]),
]


@pytest.mark.parametrize(("name", "content", "rows"), GOOD, ids=range(len(GOOD)))
def test_files_that_are_read_by_content(name: str, content: bytes, rows: list[Row], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path / name) == rows


OTHER = [
    (
        "a.txt",
        b"Dear all\nthis is a letter\n",
        "neither its name nor its content shows a format; expected a first line",
    ),
    ("README.md", b"# Data\n\nThe files, and more.\n", "neither its name nor its content shows a format"),
    ("a.csv", b"Dear all\nthis is a letter\n", "its first line has one field: separate the columns by commas, tabs"),
    ("a.csv", b"text::label\na::x\n", "its first line has one field"),
    ("a.tfrecord", zipped(a_dot_csv=CSV), "is a ZIP archive"),
    ("a.tfrecord", b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ("a.tfrecord", CSV, "record 0 is damaged"),
    ("a.jsonl", b'{\n"text": "a"\n}\n', "is one JSON document, expected one object a line; convert it: `jq -c ."),
    ("a.csv.gz", gzip.compress(CSV)[:-9], "is damaged: Compressed file ended before"),
    ("a.csv", gzip.compress(CSV)[:15] + b"xxxx" + gzip.compress(CSV)[19:], "is damaged: "),
]


@pytest.mark.parametrize(("name", "content", "message"), OTHER, ids=range(len(OTHER)))
def test_other_errors(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert message in error(tmp_path / name)


def test_a_file_that_disappears_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    [file] = find_files(f"{tmp_path}/a.csv")
    (tmp_path / "a.csv").unlink()
    with pytest.raises(DataError, match=r"a.csv cannot be read: No such file"):
        list(read_rows(file, ("text", "label", "")))
