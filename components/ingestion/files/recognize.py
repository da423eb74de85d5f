"""Recognizes the format of a file by its first bytes, and rejects files without rows."""

import json
import shlex
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from components.ingestion.files.header import find_delimiter, known_columns
from components.ingestion.files.lines import GZIP, open_bytes
from components.ingestion.files.pattern import BY_CONTENT, SourceFile
from components.ingestion.files.row import Columns, Reading
from components.ingestion.files.signatures import kind_of_bytes, kind_of_text, new_name
from components.ingestion.files.text_encoding import other_encoding, shown_encodings
from pipeline.core.errors import DataError
from schemas.records.tfrecord import begins_tfrecord

HEAD_BYTES = 64 * 1024
"""The number of bytes that decide."""

DELIMITERS = {".csv": ",", ".tsv": "\t"}
TFRECORD, JSONL = ".tfrecord", ".jsonl"

_LINES = 20
"""The number of lines that show the delimiter."""

_BINARY = 0.1
"""A file with this share of control characters is not a text file."""


def format_of(file: SourceFile, columns: Columns, how: Reading) -> tuple[str, str]:
    """Returns the format of a file, and the delimiter of its columns if it is CSV or TSV.

    Raises DataError, with the file, what it is and how to convert it, if it has no rows that can be read.
    """
    with open_bytes(file.path) as opened:
        head = opened.read(HEAD_BYTES)
    if begins_tfrecord(head) and file.format != TFRECORD:
        raise DataError(f"{file.path} is a TFRecord file, but its name does not say so; {_rename(file.path)}")
    if file.format == TFRECORD and (not head or begins_tfrecord(head)):
        return TFRECORD, ""
    if kind := kind_of_bytes(head, file.path):
        raise DataError(f"{file.path} is {kind}")
    if file.format == TFRECORD:
        return TFRECORD, ""  # the reader names the damaged record
    text = _text(head, file.path, how)
    return _format(text, file, columns, how)


def _rename(path: Path) -> str:
    with path.open("rb") as raw:
        end = ".tfrecord.gz" if raw.read(2) == GZIP else ".tfrecord"
    name = path.name.removesuffix(".gz")
    return f"rename it: `mv {shlex.quote(str(path))} {shlex.quote(str(path.with_name(name + end)))}`"


def _text(head: bytes, path: Path, how: Reading) -> str:
    """Returns the first bytes of a file as text. Raises DataError if they are not text in the encoding of `how`."""
    found = shown_encodings(head)
    if found and how.encoding not in found:
        raise other_encoding(path, found[0], how.encoding)
    try:
        text = head.decode(how.encoding, errors="replace").removeprefix("\ufeff")
    except UnicodeError:  # UTF-16 without a mark: the reader says so
        text = head.decode(errors="replace")
    if kind := kind_of_text(text):
        raise DataError(f"{path} is {kind}")
    controls = sum(character < " " and character not in "\t\r\n\f" for character in text)
    if controls > _BINARY * len(text):
        raise DataError(f"{path} is not a text file: it has control characters all over; narrow --source, or export it")
    first = text.partition("\n")[0]
    file, new = shlex.quote(str(path)), new_name(path)
    if "\0" in first:
        raise DataError(
            f"{path} has NUL characters in its first line; remove them: `tr -d '\\000' < {file} > {new}`, "
            "or name its encoding with --encoding"
        )
    if "\r" in text.rstrip("\r\n") and "\n" not in text:
        raise DataError(
            f"{path} has the line ends of old Macs (a carriage return alone); "
            f"convert it: `tr '\\r' '\\n' < {file} > {new}`"
        )
    return text


def _format(text: str, file: SourceFile, columns: Columns, how: Reading) -> tuple[str, str]:
    lines = list(islice((line.strip("\r") for line in text.split("\n") if line.strip()), _LINES))
    first = lines[0].strip() if lines else ""
    default = DELIMITERS.get(file.format)
    if first in ("[", "{", "[{") or first.startswith("[{"):
        raise DataError(
            f"{file.path} is one JSON document, expected one object a line; {_json_lines(file.path, first)}"
        )
    if _is_object(first) or (file.format == BY_CONTENT and first.startswith("{")):
        return JSONL, ""
    delimiter = find_delimiter(lines, default or ",", columns, how.names)
    if default is None and file.format != BY_CONTENT and not known_columns(first, delimiter, columns):
        return JSONL, ""  # the reader names the line that is not JSON
    if file.format == BY_CONTENT:
        _check_content(first, delimiter, file.path, columns, how.names)
    if not first:
        raise DataError(f"{file.path} is empty; its first line must name the columns")
    if not text.partition("\n")[0].strip():
        command = f"sed '/[^[:space:]]/,$!d' {shlex.quote(str(file.path))} > {new_name(file.path)}"
        raise DataError(f"the first line of {file.path} is blank; delete the blank lines before the rows: `{command}`")
    return ".csv", delimiter


def _is_object(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _json_lines(path: Path, first: str) -> str:
    old, new = shlex.quote(str(path)), new_name(path, JSONL)
    if first.startswith("{"):
        return f"convert it: `jq -c . {old} > {new}`"
    code = "import json, sys; [print(json.dumps(row)) for row in json.load(open(sys.argv[1], encoding='utf-8-sig'))]"
    return f"convert it: `python3 -c {shlex.quote(code)} {old} > {new}`"


def _check_content(first: str, delimiter: str, path: Path, columns: Columns, names: Iterable[str]) -> None:
    """Raises DataError if a file whose name does not say its format has neither a header nor a delimiter."""
    if first and delimiter not in first and not names and not known_columns(first, delimiter, columns):
        wanted = " and ".join(f"'{name}'" for name in columns[:2] if name)
        raise DataError(
            f"{path}: neither its name nor its content shows a format; expected a first line that names the columns "
            f"{wanted}, separated by commas or tabs, or a JSON object a line; convert it, or "
            "narrow --source"
        )
