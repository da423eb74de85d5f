"""The content of files as people have them: tables in many encodings, archives, office files, images, web pages."""

import bz2
import codecs
import encodings.aliases
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as parquet

from components.ingestion.files.text_encoding import read_encoding
from pipeline.core.errors import ConfigError

TABLE = 'text,label\n"a, ""b""\nc",x\nnaïve “déjà vu”,y\r\n日本の新聞,y\n' + "Привет мир,x\n这个产品很好,y\n" * 3
WESTERN = 'text\tlabel\nDer Zug fährt spät über die Brücke\tx\n"¿Qué?" dijo él\ty\n' * 4
CHINESE = "text,label\n" + "这个产品很好,好\n质量太差了,坏\n" * 5
JAPANESE = "text,label\n" + "この映画はとても良い,良\nひどい話だった,悪\n" * 5
RUSSIAN = "text;label\n" + "Очень хороший фильм;да\nПлохая книга;нет\n" * 5


def _zipped(**entries: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return held.getvalue()


def _tarred(content: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


def _table(write: Callable[..., object]) -> bytes:
    held = io.BytesIO()
    write(pa.table({"text": ["a", "b"], "label": ["x", "y"]}), held)
    return held.getvalue()


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
        return bool(read_encoding(name))
    except (LookupError, ConfigError):
        return False


ENCODINGS = sorted({read_encoding(name) for name in encodings.aliases.aliases.values() if _is_encoding(name)})
"""Every encoding that `--encoding` accepts."""

UTF8 = TABLE.encode()
CONTENTS = [
    UTF8,
    b"\xef\xbb\xbf" + UTF8,
    *(TABLE.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")),
    *(CHINESE.encode(name) for name in ("gbk", "gb18030", "gb2312", "hz", "utf-16-le", "utf-7")),
    *(JAPANESE.encode(name) for name in ("shift_jis", "euc_jp", "iso2022_jp")),
    *(RUSSIAN.encode(name) for name in ("koi8_r", "cp1251", "cp866", "mac_cyrillic")),
    *(WESTERN.replace("“", "").encode(name) for name in ("latin-1", "cp1252", "mac_roman", "cp850", "cp037")),
    UTF8.replace(b"\n", b"\r"),
    UTF8.replace(b",", b"\0,"),
    b'{"text": "a\\n\\u00e9", "label": "x"}\n{"label": 3, "text": ""}\n' * 2,
    b'[{"text": "a", "label": "x"},\n {"text": "b", "label": "y"}]',
    b'{\n  "text": "a",\n  "label": "x"\n}',
    _zipped(a_dot_csv=UTF8),
    _zipped(xl__workbook_dot_xml=b"<x/>", xl__worksheets__sheet1_dot_xml=b"<row/>" * 30),
    _zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<a/>"),
    _zipped(word__document_dot_xml=b"<w:document/>"),
    _tarred(UTF8),
    gzip.compress(UTF8, mtime=0),
    gzip.compress(TABLE.encode("utf-16"), mtime=0),
    gzip.compress(gzip.compress(UTF8, mtime=0), mtime=0),
    gzip.compress(_tarred(UTF8), mtime=0),
    bz2.compress(UTF8),
    lzma.compress(UTF8),
    _table(parquet.write_table),
    _table(feather.write_feather),
    _table(orc.write_table),
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\x80\x04\x95\x0c\0\0\0\0\0\0\0}",
    b"\n  <!DOCTYPE html>\n<html><body>Sign in, please</body></html>",
    b"<rows><row label='x'>a, b</row></rows>",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n",
    bytes(range(256)) * 3,
]
