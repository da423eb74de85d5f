"""Rows of every file format: good rows, and bad rows with their line and fault."""

import gzip
import json
from pathlib import Path

import pytest
import tensorflow as tf

from components.ingestion.files import delimited, json_lines, lines
from components.ingestion.files.pattern import find_files
from components.ingestion.files.row import BadRow, Row
from components.ingestion.files.rows import place, read_rows
from pipeline.core.errors import DataError
from schemas.records.tfrecord import write_records

COLUMNS = ("text", "label", "")


def read(path: Path, content: bytes | str, columns: tuple[str, str, str] = COLUMNS) -> list[Row | BadRow]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(find_files(str(path))[0], columns))


CSV = [
    ("text,label\na b,x\nc,y\n", [Row(2, "a b", "x"), Row(3, "c", "y")]),
    ("\ufefftext,label\na,x", [Row(2, "a", "x")]),
    ("text,label\r\na,x\r\n\r\nb,y\r\n", [Row(2, "a", "x"), Row(4, "b", "y")]),
    ("label, text ,more\n x ,a,1\n", [Row(2, "a", "x")]),
    ('text,label\n"a ""b"", c\nd",x\ne,y\n', [Row(2, 'a "b", c\nd', "x"), Row(4, "e", "y")]),
    ("text,label\n,x\n", [Row(2, "", "x")]),
    ("text,label\n", []),
    ("text,label\na,b,c\nd,y\n", [BadRow(2, "it has 3 fields, but the header has 2"), Row(3, "d", "y")]),
    ("text,label\na\n", [BadRow(2, "it has 1 fields, but the header has 2")]),
    ("text,label\na,\n", [BadRow(2, "its label is empty")]),
    ("text,label\na\0b,x\n", [BadRow(2, "its text holds a NUL character")]),
    (b"text,label\n" + "café,x\n".encode("latin-1") + "café,y\n".encode(),
     [BadRow(2, "its text is not UTF-8 (after 3 characters)"), Row(3, "café", "y")]),
    ('text,label\na,x\n"never closed,x\nb,y\nc,z\n',
     [Row(2, "a", "x"), BadRow(3, "a quote is opened and never closed; lines 3..5 run together", 3)]),
    ('text,label\n"a" b,x\nc,y\n',
     [BadRow(2, 'text follows a closing quote (a quote within a cell is written "")'), Row(3, "c", "y")]),
    ("text,label\ra,x\rb,y", DataError("{path} has the line ends of old Macs (a carriage return alone); convert it: "
                                       "`tr '\\r' '\\n' < {path} > {folder}/a-converted.csv`")),
    ("", DataError("{path} is empty; its first line must name the columns")),
    ("txt,label\na,x\n", DataError("{path} has no column 'text'; did you mean 'txt'? (columns: txt, label)")),
    ("I,liked it\n", DataError("{path} has no columns 'text' and 'label'; its first line is: I, liked it. Is the "
                                "header missing? If this line is a row, name the columns in order: "
                                "--columns=label,text. If it names the columns, choose two of them with --text_column "
                                "and --label_column")),
    ("text,text,label\n", DataError("{path}: its header names column 'text' 2 times; rename one")),
    ("text;label\na, b;x\n", [Row(2, "a, b", "x")]),
    ("text,label\na,x\n".encode("utf-16"),
     DataError("{path} is UTF-16, not utf-8; read it with --encoding=utf-16")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), CSV, ids=range(len(CSV)))
def test_csv(content: str | bytes, expected: list[Row | BadRow] | DataError, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    if not isinstance(expected, DataError):
        assert read(path, content) == expected
        return
    with pytest.raises(DataError) as caught:
        read(path, content)
    assert str(caught.value) == str(expected).replace("{path}", str(path)).replace("{folder}", str(tmp_path))


JSON = [
    ('{"text": "a b", "label": "x"}\n\n{"label": 3, "text": "c", "more": []}',
     [Row(1, "a b", "x"), Row(3, "c", "3")]),
    ('\ufeff{"text": "a", "label": "x"}', [Row(1, "a", "x")]),
    ('{"txt": "a", "label": "x"}', [BadRow(1, "it has no column 'text'; did you mean 'txt'? (columns: txt, label)")]),
    ('{"text": 3, "label": "x"}', [BadRow(1, "its text is 3, but must be a string")]),
    ('{"text": "a", "label": true}', [BadRow(1, "its label is true, but must be a string or a whole number")]),
    ('{"text": "a", "label": 1.5}', [BadRow(1, "its label is 1.5, but must be a string or a whole number")]),
    ('{"text": "a", "label": ["a long list", "of", "labels"]}',
     [BadRow(1, 'its label is ["a long list", "of", "labe…, but must be a string or a whole number')]),
    ('{"text": "a\\ud800", "label": "x"}', [BadRow(1, "its text is not UTF-8 (after 1 characters)")]),
    ('{"text": "a\\u0000", "label": "x"}', [BadRow(1, "its text holds a NUL character")]),
    ("[1]", [BadRow(1, "it is no JSON object")]),
    ('{"text": "a"', [BadRow(1, "it is not JSON: Expecting ',' delimiter at column 13")]),
    ("[" * 100_000, [BadRow(1, "it is not JSON that can be read: maximum recursion depth exceeded while decoding a "
                               "JSON array from a unicode string")]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), JSON, ids=range(len(JSON)))
def test_jsonl(content: str, expected: list[Row | BadRow], tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", content) == expected


def example(**features: tf.train.Feature) -> bytes:
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def of(*values: bytes | int | float) -> tf.train.Feature:
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


EXAMPLES = [
    (example(text=of(b"a b"), label=of(3)), Row(0, "a b", "3")),
    (example(text=of("café".encode()), label=of(b"x"), more=of(1.0)), Row(0, "café", "x")),
    (example(txt=of(b"a"), label=of(3)),
     BadRow(0, "it has no feature 'text'; did you mean 'txt'? (columns: label, txt)")),
    (example(text=of(b"a")), BadRow(0, "it has no feature 'label'; one of: text")),
    (example(text=of(b"a"), label=of(1, 2)),
     BadRow(0, "its label holds 2 values of bytes_list or int64_list, but must hold one")),
    (example(text=of(7), label=of(1)), BadRow(0, "its text holds 0 values of bytes_list, but must hold one")),
    (example(text=of(b"a"), label=of(1.0)),
     BadRow(0, "its label holds 0 values of bytes_list or int64_list, but must hold one")),
    (example(text=of(b"caf\xe9"), label=of(1)), BadRow(0, "its text is not UTF-8 (after 3 characters)")),
    (b"no example", BadRow(0, "it is no tf.train.Example")),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), EXAMPLES, ids=range(len(EXAMPLES)))
@pytest.mark.parametrize("name", ["a.tfrecord", "data_tfrecord-00000-of-00001.gz"])
def test_examples(record: bytes, expected: Row | BadRow, name: str, tmp_path: Path) -> None:
    write_records(tmp_path / name, [record])
    assert list(read_rows(find_files(str(tmp_path / name))[0], COLUMNS)) == [expected]


def test_ids_are_read_from_the_id_column(tmp_path: Path) -> None:
    columns = ("text", "label", "key")
    assert read(tmp_path / "a.csv", "key,text,label\n7,a,x\n ,b,y\n", columns) == [
        Row(2, "a", "x", "7"), BadRow(3, "its key is empty")]  # fmt: skip
    assert read(tmp_path / "a.jsonl", json.dumps({"key": 7, "text": "a", "label": "x"}), columns) == [
        Row(1, "a", "x", "7")
    ]


def test_a_tsv_is_separated_by_tabs_and_gz_is_decompressed(tmp_path: Path) -> None:
    packed = gzip.compress(b"text\tlabel\na, b\tx\n", mtime=0)
    assert read(tmp_path / "a.tsv.gz", packed) == [Row(2, "a, b", "x")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv.gz",
            gzip.compress(b"text,label\n" + b"a,x\n" * 50, mtime=0)[:-9],
            "is damaged: Compressed file ended before",
        ),
        ("c.tfrecord", b"no records at all", "record 0 is damaged"),
    ],
)
def test_damaged_files(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{name}.*{message}"):
        read(tmp_path / name, content)


@pytest.mark.parametrize("block", [1, 7, 64, 4_000, 1_000_000])
def test_a_line_or_cell_that_is_too_long_is_a_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    for module in (lines, delimited, json_lines):
        monkeypatch.setattr(module, "MAX_LINE_BYTES", 100)
    monkeypatch.setattr(lines, "BLOCK", block)
    content = "text,label\n" + "a" * 5_000 + ",x\nb,y\n" + '"' + "c\n" * 60 + '",x\nd,z\n'
    rows = read(tmp_path / "a.csv", content)
    assert rows[:3] == [
        BadRow(2, "a line or a cell is longer than 100 bytes"),
        Row(3, "b", "y"),
        BadRow(4, "a line or a cell is longer than 100 bytes; lines 4..54 run together", 51),
    ]
    assert all(isinstance(row, BadRow) for row in rows[3:])  # the rest of that cell, line by line
    long = '{"text": "' + "a" * 5_000 + '"}'
    assert read(tmp_path / "a.jsonl", long + '\n{"text": "b", "label": 1}\n' + long) == [
        BadRow(1, "the line is longer than 100 bytes"), Row(2, "b", "1"), BadRow(3, "the line is longer than 100 bytes")
    ]  # fmt: skip


def test_a_text_of_9_megabytes_is_a_bad_row(tmp_path: Path) -> None:
    rows = read(tmp_path / "a.csv", "text,label\n" + "a" * 9_000_000 + ",x\n")
    assert rows == [BadRow(2, "its text is 9,000,000 bytes long, above 8,388,608")]


def test_places_are_lines_or_records(tmp_path: Path) -> None:
    for name, where in (("a.csv", "a.csv:3"), ("a.tfrecord", "a.tfrecord: record 3")):
        (tmp_path / name).write_text("")
        assert place(find_files(str(tmp_path / name))[0], 3) == f"{tmp_path}/{where}"
