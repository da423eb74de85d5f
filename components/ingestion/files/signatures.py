"""The first bytes of files that are not CSV, TSV or JSONL, what such a file is, and how to convert it.

This table replaces a library, because libraries name a type, and a user needs a command. They also know hundreds
of types that nobody gives to a classifier, and none of them knows a Git LFS pointer or UTF-16 without a mark.
"""

import re
import shlex
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

UNPACK = "unpack it: `{command} > {new}`"

_SPREADSHEET = (
    "save it as CSV (UTF-8) in a spreadsheet program, or run "
    "`libreoffice --headless --convert-to csv --outdir converted {file}`"
)
_NO_ROWS = "it has no rows of texts and labels; write those into a CSV file, or narrow --source"
_TABLE = "convert it: `{python} -c {code} {file} {new}`"

_PARQUET = "import sys, pyarrow.parquet as p, pyarrow.csv as c; c.write_csv(p.read_table(sys.argv[1]), sys.argv[2])"
_ARROW = "import sys, pyarrow.feather as f, pyarrow.csv as c; c.write_csv(f.read_table(sys.argv[1]), sys.argv[2])"
_ORC = "import sys, pyarrow.orc as o, pyarrow.csv as c; c.write_csv(o.read_table(sys.argv[1]), sys.argv[2])"

SIGNATURES: tuple[tuple[str, str, str, str], ...] = (
    # regular expression, what the file is, advice, code or command of the advice
    (r"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file (.xls, .doc)", _SPREADSHEET, ""),
    (r"%PDF-", "a PDF file", _NO_ROWS, ""),
    (r"BZh[1-9](1AY&SY|\x17rE8P\x90)", "compressed with bzip2", UNPACK, "bzip2 -dc {file}"),
    (r"\xfd7zXZ\0", "compressed with xz", UNPACK, "xz -dc {file}"),
    (r"[\x22-\x28]\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", "compressed with zstd", UNPACK, "zstd -dc < {file}"),
    (r"\x04\x22\x4d\x18", "compressed with lz4", UNPACK, "lz4 -dc < {file}"),
    (r"\x1f\x9d", "compressed with compress", UNPACK, "gzip -dc < {file}"),
    (r"\x1f\x8b", "compressed twice with gzip", UNPACK, "gzip -dc < {file} | gzip -dc"),
    (r"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it: `7z x -ounpacked {file}`", ""),
    (r"Rar!\x1a\x07", "a RAR archive", "unpack it: `unrar x {file} unpacked/`", ""),
    (r".{257}ustar", "a tar archive", "unpack it: `mkdir -p unpacked && tar -xf {file} -C unpacked`", ""),
    (r"PAR1", "a Parquet file", _TABLE, _PARQUET),
    (r"ARROW1\0\0|FEA1", "an Arrow (Feather) file", _TABLE, _ARROW),
    (r"ORC\x0a", "an ORC file", _TABLE, _ORC),
    (r"Obj\x01", "an Avro file", "convert it to CSV or JSONL with `avro-tools tojson {file} > {json}`", ""),
    (r"SQLite format 3\0", "an SQLite database",
     "export a table: `sqlite3 -header -csv {file} 'SELECT * FROM my_table' > {new}`", ""),
    (r"\x89HDF\r\n\x1a\n", "an HDF5 file", _NO_ROWS, ""),
    (r"\x93NUMPY", "a NumPy array", _NO_ROWS, ""),
    (r"\x80[\x02-\x05][\x95\x7d\x5d\x63(]", "a Python pickle", "load it in Python and write it as CSV or JSONL", ""),
    (r"\x89PNG\r\n\x1a\n", "a PNG image", _NO_ROWS, ""),
    (r"\xff\xd8\xff", "a JPEG image", _NO_ROWS, ""),
    (r"GIF8[79]a", "a GIF image", _NO_ROWS, ""),
    (r"II\*\0|MM\0\*", "a TIFF image", _NO_ROWS, ""),
    (r"RIFF.{4}(WEBP|WAVE|AVI )", "an image, sound or video", _NO_ROWS, ""),
    (r"\x7fELF|MZ[\x90\x00-\x0f]\0", "a program", _NO_ROWS, ""),
    (r"\{\\rtf", "an RTF document", _NO_ROWS, ""),
    (r"%!PS-", "a PostScript file", _NO_ROWS, ""),
    (r"version https://git-lfs\.github\.com/spec/", "a Git LFS pointer, not the data",
     "fetch the data: `git -C {folder} lfs pull`", ""),
)  # fmt: skip

_TEXT_SIGNATURES: tuple[tuple[str, str, str], ...] = (
    (r"<(!doctype\s+html|html|head|body|table|div|!--)", "an HTML page",
     "often a login or error page in place of a download; download the data again, or save its table as CSV"),
    (r"<\?xml|<[a-z][\w:.-]*(\s+[\w:.-]+=|>|/>)", "an XML file",
     "write its texts and labels into a CSV or JSONL file"),
)  # fmt: skip

_PATTERNS = [(re.compile(start.encode(), re.DOTALL), what, advice, code) for start, what, advice, code in SIGNATURES]
_TEXT_PATTERNS = [(re.compile(start, re.IGNORECASE), what, advice) for start, what, advice in _TEXT_SIGNATURES]


def kind_of_bytes(head: bytes, path: Path) -> str | None:
    """Returns what a file is and how to convert it, from its first bytes; None if it may be a text file."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    for pattern, what, advice, command in _PATTERNS:
        if pattern.match(head):
            return f"{what}; {advice.format(**_places(path, command))}"
    return None


def kind_of_text(text: str) -> str | None:
    """Returns what a text file is instead of rows, from its first characters; None if it may have rows."""
    start = text.lstrip("\ufeff \t\r\n")
    return next((f"{what}; {advice}" for pattern, what, advice in _TEXT_PATTERNS if pattern.match(start)), None)


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            media = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile):
        names, media = [], b""
    if any(name.startswith("xl/") for name in names):
        return f"an Excel file (.xlsx); {_SPREADSHEET.format(**_places(path))}"
    if b"opendocument.spreadsheet" in media:
        return f"an OpenDocument spreadsheet (.ods); {_SPREADSHEET.format(**_places(path))}"
    if b"opendocument" in media or any(name.startswith(("word/", "ppt/")) for name in names):
        return f"an office document; {_NO_ROWS}"
    command = f"python3 -m zipfile -e {_places(path)['file']} unpacked"
    return f"a ZIP archive; unpack it: `{command}`, then name its files with --source='unpacked/*.csv'"


def _places(path: Path, command: str = "") -> Mapping[str, str]:
    """Returns the file, the file to write, and what else the advice names, quoted for a shell."""
    file = shlex.quote(str(path))
    return {
        "file": file,
        "folder": shlex.quote(str(path.parent)),
        "new": new_name(path),
        "json": new_name(path, ".jsonl"),
        "python": shlex.quote(sys.executable),
        "command": command.format(file=file),
        "code": shlex.quote(command),
    }


def new_name(path: Path, suffix: str = "") -> str:
    """Returns the quoted name of a converted file next to `path`: `a-converted.csv` for `a.csv`."""
    stem = path.name.split(".")[0] or "data"
    known = next((s for s in path.suffixes if s.lower() in (".csv", ".tsv", ".jsonl", ".ndjson")), ".csv")
    return shlex.quote(str(path.with_name(f"{stem}-converted{suffix or known}")))
