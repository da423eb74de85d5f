"""Encodings: the message names the likely one, which then reads the file."""

import gzip
import re
from pathlib import Path

import pytest

from components.ingestion.files.pattern import find_files
from components.ingestion.files.row import BadRow, Reading, Row
from components.ingestion.files.rows import read_rows
from components.ingestion.files.settings import FilesSettings
from components.ingestion.files.text_encoding import read_encoding
from pipeline.core.errors import ConfigError, DataError

COLUMNS = ("text", "label", "")
FRENCH = ["le café était très bon", "à bientôt mon ami", "une crème brûlée réussie", "déçu par le service"]
GERMAN = ["über die Straße gehen", "schöne Grüße aus Köln", "das Gerät ist kaputt, böse"]
TYPED = ["it’s “great” – really", "the price is 5€… fine"]
CHINESE = ["这个产品很好我非常喜欢", "服务太差了再也不会来了", "质量不错下次还会购买", "快递很慢包装也坏了"]
TAIWAN = ["這個產品很好我非常喜歡", "服務太差了再也不會來", "品質不錯下次還會購買"]
JAPANESE = ["この商品はとても良いです", "サービスが悪かったです", "また買いたいと思います"]
KOREAN = ["이 제품은 정말 좋아요", "서비스가 너무 나빴어요", "다음에 또 사고 싶어요"]
RUSSIAN = ["очень хороший товар, рекомендую", "плохой сервис, не советую", "доставка была быстрой"]
POLISH = ["zażółć gęślą jaźń", "bardzo dobry produkt, polecam wszystkim", "źle zapakowane, część się zepsuła"]

LIKELY = [
    ("latin-1", FRENCH), ("latin-1", FRENCH[:1]), ("latin-1", GERMAN), ("cp1252", TYPED), ("cp1252", FRENCH + TYPED),
    ("gbk", CHINESE), ("gb18030", CHINESE), ("big5", TAIWAN), ("shift-jis", JAPANESE), ("euc-kr", KOREAN),
    ("cp1251", RUSSIAN), ("cp1250", POLISH), ("utf-16", CHINESE), ("utf-16-le", FRENCH), ("utf-16-be", JAPANESE),
    ("utf-32", FRENCH), ("utf-32-le", CHINESE), ("utf-32-be", RUSSIAN),
]  # fmt: skip


def read(path: Path, **how: object) -> list[Row | BadRow]:
    return list(read_rows(find_files(str(path))[0], COLUMNS, Reading(**how)))  # type: ignore[arg-type]


def content(form: str, texts: list[str]) -> str:
    if form == "jsonl":
        return "".join(f'{{"text": "{text}", "label": "x"}}\n' for text in texts)
    delimiter = "\t" if form == "tsv" else ","
    return f"text{delimiter}label\n" + "".join(f'"{text}"{delimiter}x\n' for text in texts)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv", "a.txt", "a.csv.gz"])
@pytest.mark.parametrize(("encoding", "texts"), LIKELY)
def test_the_flag_in_the_message_reads_the_file(encoding: str, texts: list[str], name: str, tmp_path: Path) -> None:
    form = next((form for form in ("jsonl", "tsv") if form in name), "csv")
    given = [*texts, "plain text", *texts] if len(texts) > 1 else [*["plain text"] * 500, *texts]
    data = content(form, given).encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path} is ")
    assert "max_bad_rows" not in message
    [flag] = set(re.findall(r"--encoding=([\w-]+)", message))
    rows = read(path, encoding=read_encoding(flag))
    assert [row.text for row in rows if isinstance(row, Row)] == given


@pytest.mark.parametrize(("encoding", "texts"), LIKELY)
@pytest.mark.parametrize("form", ["csv", "jsonl", "tsv"])
def test_a_given_encoding_is_read(encoding: str, texts: list[str], form: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(content(form, texts * 300).encode(encoding))
    rows = read(path, encoding=read_encoding(encoding))
    assert [row.text for row in rows if isinstance(row, Row)] == texts * 300


def test_blocks_may_end_within_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from components.ingestion.files import lines

    for encoding in ("utf-8", "utf-16", "utf-32-be", "gb18030"):
        (tmp_path / "a.csv").write_bytes(content("csv", CHINESE * 5).encode(encoding))
        for block in (1, 2, 3, 7, 50):
            monkeypatch.setattr(lines, "BLOCK", block)
            assert [row[1] for row in read(tmp_path / "a.csv", encoding=encoding)] == CHINESE * 5


WRONG = [
    ("text,label\ncafé,x\n".encode("latin-1"), "utf-8",
     "{path} is not UTF-8 (line 2: 'caf\\xe9,x'), but probably cp1252; read it with --encoding=cp1252, or convert it: "
     "`iconv -f cp1252 -t UTF-8 {path} > {folder}/a-converted.csv`"),
    ("text,étiquette,label\na,b,x\n".encode("latin-1"), "utf-8", "{path} is not UTF-8 (line 1: "),
    ("text,label\ncafé très bon,x\n".encode(), "utf-16", "--encoding=utf-8"),
    ("text,label\ncafé très bon,x\n".encode(), "ascii", "tr\\xc3\\xa8s bon,x'), but probably utf-8"),
    ("text,label\na,x\n".encode("utf-16"), "latin-1", "{path} is UTF-16, not latin-1; read it with --encoding=utf-16"),
    ("text,label\na,x\n".encode("utf-16-be"), "utf-16", "--encoding=utf-16-be"),
    ("\ufefftext,label\na,x\n".encode(), "cp1252", "{path} is UTF-8, not cp1252; read it with --encoding=utf-8"),
    ("text,label\na,x\n".encode("utf-16"), "utf-16-be", "read it with --encoding=utf-16"),
    ("text,label\na,x\n".encode("utf-32-le"), "utf-16-le", "read it with --encoding=utf-32-le"),
    (b"text,label\n\x81\x81\xff,x\n", "gb18030", "--encoding="),
]  # fmt: skip


@pytest.mark.parametrize(("data", "encoding", "message"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_encoding_is_one_message(data: bytes, encoding: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read(path, encoding=encoding)
    assert message.replace("{path}", str(path)).replace("{folder}", str(tmp_path)) in str(caught.value)


def test_damaged_characters_in_utf8_are_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content("csv", FRENCH * 10).encode() + b"a\xff\xfeb,x\n" + content("csv", FRENCH).encode())
    bad = [row for row in read(path) if isinstance(row, BadRow)]
    assert bad == [BadRow(42, "its text is not UTF-8 (after 1 characters)")]


NAMES = [
    ("utf8", "utf-8"), ("UTF-8-SIG", "utf-8"), ("utf_8", "utf-8"), ("latin1", "iso8859-1"), ("ISO-8859-1", "iso8859-1"),
    ("windows-1252", "cp1252"), ("GBK", "gbk"), ("sjis", "shift_jis"), ("UTF16", "utf-16"), ("U32", "utf-32"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "normal"), NAMES)
def test_names_of_one_encoding_are_one_setting(name: str, normal: str) -> None:
    assert read_encoding(name) == normal
    assert read_encoding(normal) == normal
    settings = FilesSettings(source="*.csv", encoding=read_encoding(name))
    assert settings.parameters["encoding"] == normal


UNKNOWN = [
    ("latin-11", "unknown encoding 'latin-11'; did you mean 'latin-1'?"),
    ("utf-88", "unknown encoding 'utf-88'; did you mean 'utf-8'?"),
    ("gkb", "unknown encoding 'gkb'; did you mean 'gbk'?"),
    ("qqqq", "unknown encoding 'qqqq'; usual ones: utf-8, utf-16, latin-1, cp1252, gb18030, shift-jis"),
    ("base64", "unknown encoding 'base64'"),
    ("rot13", "unknown encoding 'rot13'"),
    ("idna", "unknown encoding 'idna'"),
    ("unicode_escape", "unknown encoding 'unicode_escape'"),
    ("", "unknown encoding ''"),
    ("a\0b", "unknown encoding 'a\\x00b'"),
    ("\udcff", "unknown encoding '\\udcff'"),
    ("x" * 10_000, "unknown encoding 'xxx"),
    ("../../etc/passwd", "unknown encoding '../../etc/passwd'"),
]


@pytest.mark.parametrize(("name", "message"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_unknown_names(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_encoding(name)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 300
