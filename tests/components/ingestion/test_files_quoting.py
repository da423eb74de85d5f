"""Quotation marks in CSV and TSV files, and files without a header."""

import csv
import io
import re
from pathlib import Path

import pytest

from components.ingestion.files.pattern import find_files
from components.ingestion.files.row import BadRow, Reading, Row
from components.ingestion.files.rows import read_rows
from components.ingestion.files.settings import FilesSettings
from pipeline.core.errors import ConfigError, DataError

COLUMNS = ("text", "label", "")


def read(path: Path, content: str, columns: tuple[str, str, str] = COLUMNS, **how: object) -> list[Row | BadRow]:
    path.write_text(content, newline="")
    return list(read_rows(find_files(str(path))[0], columns, Reading(**how)))  # type: ignore[arg-type]


def written(rows: list[tuple[str, str]], quoting: int, header: bool = True) -> str:
    held = io.StringIO()
    writer = csv.writer(held, delimiter="\t", quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([("text", "label"), *rows] if header else rows)
    return held.getvalue()


PLAIN = [("a b", "x"), ("c d", "y"), ("e f", "x")]
HARD = [('he said "hi"', "x"), ("two\nlines", "y"), ("a\ttab", "x"), ('"quoted"', "y"), ("plain", "x"), ("", "y")]

SAME = [
    written(PLAIN, csv.QUOTE_MINIMAL),
    written(PLAIN, csv.QUOTE_ALL),
    written(PLAIN[:1], csv.QUOTE_ALL),
    written(PLAIN, csv.QUOTE_NONNUMERIC),
    "text\tlabel\n" + written(PLAIN, csv.QUOTE_ALL, header=False),
    "text\tlabel\n" + "".join(f'"{text}"\t{label}\n' for text, label in PLAIN),
    "text\tlabel\r\n" + "".join(f'"{text}"\t{label}\r\n' for text, label in PLAIN),
    "text\tlabel\n\n" + "".join(f'"{text}"\t{label}\n\n' for text, label in PLAIN),
]


@pytest.mark.parametrize("content", SAME, ids=range(len(SAME)))
def test_a_tsv_with_enclosed_cells(content: str, tmp_path: Path) -> None:
    rows = read(tmp_path / "a.tsv", content)
    assert [(row.text, row.label) for row in rows if isinstance(row, Row)] == PLAIN[: len(rows)]
    assert len(rows) in (1, 3)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("name", ["a.tsv", "a.txt", "a.csv"])
def test_what_a_tsv_writer_wrote_is_read_again(quoting: int, name: str, tmp_path: Path) -> None:
    easy = [row for row in HARD if not ("\n" in row[0] and "\t" in row[0])]
    rows = read(tmp_path / name, written(easy, quoting))
    assert [(row.text, row.label) for row in rows if isinstance(row, Row)] == easy


TEXTS = [
    ['"Hello"', "plain"],
    ['"Hello" she said', "plain"],
    ['she said "hello"', "plain"],
    ['"', "plain"],
    ['"Free entry', "ok lar", 'call now"'],
    ['"Free entry', "ok lar", "no end"],
    ['"a" and "b"', '"c"'],
    ['5" pipe', '6" pipe'],
    ["plain", '"Hey sorry I didnt give ya a bell, just been in bed but mite go 2 thepub l8tr"'],
    ['""', "plain"],
    ['"""', "plain"],
    ["don't", '"', '"'],
    [*["plain"] * 30_000, '"Free entry', *["plain"] * 30_000, 'call now"'],
]


@pytest.mark.parametrize("order", ["text\tlabel", "label\ttext"])
@pytest.mark.parametrize("texts", TEXTS, ids=range(len(TEXTS)))
def test_a_tsv_without_enclosed_cells_keeps_every_row_and_mark(texts: list[str], order: str, tmp_path: Path) -> None:
    first = order.startswith("text")
    content = f"{order}\n" + "".join(f"{text}\tspam\n" if first else f"spam\t{text}\n" for text in texts)
    rows = read(tmp_path / "a.tsv", content)
    assert [row.text for row in rows if isinstance(row, Row)] == texts


STRAY = (
    "its cell that begins in line {} spans {} lines and holds tabs, so its quotation mark is probably part of the text"
)


def test_a_stray_quote_in_an_enclosed_tsv_names_its_line(tmp_path: Path) -> None:
    content = 'text\tlabel\n"a"\t"x"\n"free\t"spam"\n"b"\t"y"\n'
    minimal = read(tmp_path / "a.tsv", 'text\tlabel\na\tx\n"free\tspam\nok\tham\nnow"\tspam\nc\ty\n', quoting="minimal")
    assert minimal == [
        Row(2, "a", "x"), BadRow(3, STRAY.format(3, 3) + "; read it with --quoting=none", 3), Row(6, "c", "y")
    ]  # fmt: skip
    later = read(tmp_path / "a.tsv", 'text\tlabel\n"two\nlines"\t"spam\nok\tham"\n', quoting="minimal")
    assert later == [BadRow(2, STRAY.format(3, 2) + "; read it with --quoting=none", 3)]
    assert [row.text for row in read(tmp_path / "a.tsv", content) if isinstance(row, Row)] == ['"a"', '"free', '"b"']


def test_quoting_can_be_given(tmp_path: Path) -> None:
    content = 'text,label\n"a",x\n5" pipe,y\n'
    assert [row[1] for row in read(tmp_path / "a.csv", content, quoting="none")] == ['"a"', '5" pipe']
    assert [row[1] for row in read(tmp_path / "a.csv", content, quoting="minimal")] == ["a", '5" pipe']
    assert [row[1] for row in read(tmp_path / "a.csv", content)] == ["a", '5" pipe']
    commas = read(tmp_path / "a.csv", 'text,label\n"a, b",x\n', quoting="none")
    assert commas == [BadRow(2, "it has 3 fields, but the header has 2; its quotation marks are part of the text "
                                "(see --quoting)")]  # fmt: skip
    with pytest.raises(ConfigError, match=r"quoting: unknown value 'non'; did you mean 'none'\?"):
        FilesSettings(source="*.csv", quoting="non")


SMS = [("ham", "Go until jurong point, crazy.. Available only"), ("ham", "Ok lar... Joking"),
       ("spam", "Free entry, now"), ("ham", '"U dun say so early')]  # fmt: skip
HEADERLESS = [
    ("a.tsv", "\t".join, SMS, "label,text"),
    ("a.csv", "\t".join, SMS, "label,text"),
    ("SMSSpamCollection", "\t".join, SMS, "label,text"),
    ("a.txt", "|".join, SMS[:3], "label,text"),
    ("a.csv", ";".join, SMS[:3], "label,text"),
    ("a.csv", ",".join, [("good stuff", "pos"), ("so bad", "neg"), ("fine again", "pos")], "text,label"),
    ("a.csv", ",".join, [("1", "nice text", "pos", "z"), ("2", "bad text", "neg", "z")], "column1,text,column3,label"),
    ("a.csv", ",".join, [("4", "nice text"), ("0", "bad text"), ("4", "more text")], "label,text"),
]


@pytest.mark.parametrize(("name", "join", "lines", "columns"), HEADERLESS, ids=range(len(HEADERLESS)))
def test_a_missing_header(name: str, join: object, lines: list[tuple[str, ...]], columns: str, tmp_path: Path) -> None:
    content = "".join(join(line) + "\n" for line in lines)  # type: ignore[operator]
    with pytest.raises(DataError) as caught:
        read(tmp_path / name, content)
    message = str(caught.value)
    assert "Is the header missing?" in message
    [given] = re.findall(r"--columns=([\w,]+)", message)
    assert given == columns
    rows = read(tmp_path / name, content, names=tuple(given.split(",")))
    text = given.split(",").index("text")
    assert [(row.line, row.text) for row in rows if isinstance(row, Row)] == [
        (number, line[text]) for number, line in enumerate(lines, start=1)
    ]


def test_the_message_for_a_missing_header(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.tsv", "\n".join("\t".join(line) for line in SMS))
    assert str(caught.value) == (
        f"{tmp_path}/a.tsv has no columns 'text' and 'label'; its first line is: ham, Go until jurong point, crazy.. "
        "Available only. Is the header missing? If this line is a row, name the columns in order: --columns=label,text"
        ". If it names the columns, choose two of them with --text_column and --label_column"
    )
    with pytest.raises(DataError) as caught:
        read(tmp_path / "b.csv", ",".join(f"{'word ' * 5_000}{n}" for n in range(500)) + "\n")
    assert len(str(caught.value)) < 1_000


def test_an_id_column_without_a_header(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--columns=key,text,label"):
        read(tmp_path / "a.csv", "17,some text,x\n18,more text,x\n", ("text", "label", "key"))


NAMES = [
    ("a.csv", "text,label\na,x\n", ("text", "label"), "the first line of {path} names the columns itself; leave out"),
    (
        "a.csv",
        "a,x,more\n",
        ("text", "label"),
        "the first row of {path} has 3 fields (a, x, more), but --columns names 2",
    ),
    ("a.jsonl", '{"text": "a", "label": 1}\n', ("text", "label"), "{path} names its columns in every row; leave out"),
    ("a.csv", "", ("text", "label"), "{path} is empty"),
]


@pytest.mark.parametrize(("name", "content", "names", "message"), NAMES, ids=range(len(NAMES)))
def test_columns_that_do_not_fit(name: str, content: str, names: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / name, content, names=names)
    assert message.replace("{path}", str(tmp_path / name)) in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("label", "txt"), "--columns has no column 'text'; did you mean 'txt'?"),
        (("text", "text", "label"), "--columns must name different columns, got text, text, label"),
        (("a", "b"), "--columns has no column 'text'; one of: a, b"),
    ],
)
def test_invalid_columns(columns: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        FilesSettings(source="*.csv", columns=columns)
    assert str(caught.value) == message
