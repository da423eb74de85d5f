"""The readers of external input, by name, and their input."""

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

import run_local
from components.ingestion.files import lines
from components.ingestion.files.pattern import find_files
from components.ingestion.files.rows import read_rows
from components.ingestion.reuters_sgml import read_wires, verify
from pipeline.cli.command_line import parse
from pipeline.cli.engine_flags import define_flags
from schemas.artifacts.datasets import label_names, schema_path
from schemas.records.encode import encode_document
from schemas.records.examples import Document, read_documents
from schemas.records.tfrecord import write_records
from tests.support import archives
from tests.support.fuzz.feed import Reader, edited, pieces
from tests.support.fuzz.files import FILES
from tests.support.fuzz.patterns import PATTERNS

SGML = pieces("<REUTERS>", "<TOPICS>", "<D>", "</D>", "</TOPICS>", "<BODY>", "</BODY>", "</", "<TITLE>", "earn", "&lt;",
              "&#3;", "<TOPICS><D>acq</D>", "<!DOCTYPE lewis SYSTEM 'x'>")  # fmt: skip
NAMES = st.one_of(st.sampled_from(["reut2-000.sgm", "../reut2-001.sgm", "/tmp/reut2-002.sgm", "a/../../reut2-003.sgm"]),
                  st.text(min_size=1, max_size=20).filter(lambda name: "\0" not in name))  # fmt: skip


def _a_file(make: Callable[[Path], object], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, f"made{suffix}")
        make(path)
        return path.read_bytes()


ARCHIVE = _a_file(lambda path: archives.tar_gz(path, {"reut2-000.sgm": archives.wire("body", "earn") * 20}), ".tar.gz")
TABLE = b'text,label\n"a, ""b""\nc",x\n' + "naïve 日本,y\r\n".encode() + b"d,x\n" * 3
OBJECTS = b'{"text": "a\\n\\u00e9", "label": "x"}\n{"label": 3, "text": ""}\n' * 2
DOCUMENTS = [encode_document(Document(f"toy/train/{i:05d}", f"a text {i}", i % 46)) for i in range(5)]
RECORDS = _a_file(lambda path: write_records(path, DOCUMENTS), ".tfrecord")


def _read_archive(made: Any, directory: Path) -> None:
    path = directory / "archive.tar.gz"
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        archives.tar_gz(path, *made)
    verify(read_wires(path), path)


def _read_records(made: Any, directory: Path) -> None:
    path = directory / ("records.gz" if made[0] else "records.tfrecord")
    path.write_bytes(gzip.compress(made[1], 1) if made[0] == "packed" else made[1])
    list(read_documents(path, 46))


def _read_rows(made: Any, directory: Path) -> None:
    suffix, block, content = made
    path = directory / f"rows{suffix}"
    path.write_bytes(gzip.compress(content, 1) if suffix.endswith(".gz") else content)
    [file] = find_files(str(path))
    columns = ("text", "label", "")
    rows = list(read_rows(file, columns))
    with mock.patch.object(lines, "BLOCK", block):
        assert list(read_rows(file, columns)) == rows, "where a file is cut to be read must not be seen"


def _read_schema(made: Any, directory: Path) -> None:
    path = directory / "schema.pbtxt"
    path.write_bytes(made)
    label_names(path)


def _read_flags(made: Any, directory: Path) -> None:
    root = [f"--pipeline_root={directory / 'root'}", "--offline"]
    call = parse(run_local.APP, ["run_local.py", *made, *root])[1]
    if not call.values.help:
        call.selection(call.build(keep=False).pipeline)
        _ = call.workspace


FLAG_VALUES = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "nan", "inf", "1e400", "true", "sample", "reuters", "fit", "Trainer"]),
    st.integers().map(str), st.floats().map(str), st.text(max_size=20),
    pieces("mysql://", "user", ":", "@", "host", "/", "[::1]", "%00"),
)  # fmt: skip
WORD = st.sampled_from(["run", "plan", "--", "-"])
FLAG = st.tuples(st.sampled_from(sorted(define_flags(run_local.APP))), FLAG_VALUES).map(lambda f: f"--{f[0]}={f[1]}")


READERS = {
    **FILES,
    **PATTERNS,
    "sgml": Reader(_read_archive, st.one_of(edited(ARCHIVE), st.tuples(st.dictionaries(NAMES, SGML, max_size=3),
                                                                       st.dictionaries(NAMES, NAMES, max_size=1)))),
    "tfrecord": Reader(_read_records, st.tuples(st.sampled_from(["", "packed", "named so"]),
                                                st.one_of(edited(RECORDS), edited(gzip.compress(RECORDS, mtime=0))))),
    "rows": Reader(_read_rows, st.tuples(st.sampled_from([".csv", ".tsv", ".csv.gz", ".jsonl", ".jsonl.gz"]),
                                         st.integers(3, 50), st.one_of(edited(TABLE), edited(OBJECTS)))),
    "schema": Reader(_read_schema, st.one_of(edited(schema_path("sample").read_bytes()), st.binary(max_size=300))),
    "flags": Reader(_read_flags, st.lists(st.one_of(FLAG, st.text(max_size=20), WORD), max_size=6)),
}  # fmt: skip
