"""The encoding of a text file: the names that `--encoding` accepts, and which encoding a file probably has."""

import codecs
import encodings.aliases
import shlex
from collections.abc import Iterator
from pathlib import Path

from components.ingestion.files.signatures import new_name
from pipeline.core.errors import ConfigError, DataError, near_match, shown_name

UTF8 = "utf-8"
MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32", "utf-32-be"),
    (b"\xff\xfe", "utf-16", "utf-16-le"),
    (b"\xfe\xff", "utf-16", "utf-16-be"),
    (MARK, UTF8, UTF8),
)
"""Byte order marks, and the two encodings that read a file with such a mark."""

_UNMARKED = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_NOT_OF_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")
"""Codecs that are not encodings of text files."""

_LIKELY = ["cp1252", "gb18030", "cp932", "big5", "cp949", "euc_jp", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1254",
           "cp1255", "cp1256", "cp874", "mac_roman", "cp437", "cp850"]  # fmt: skip
"""Encodings of data that people have. More would make the guess worse."""

_WESTERN = ("àâæçéèêëîïôœùûüÿ", "äöüßé", "áéíñóúü", "ãáàâçéêíóôõúü", "àèéìíîòóùú", "åäöæøé", "ëïéèöüáóí")
"""The letters that are not ASCII of French, German, Spanish, Portuguese, Italian, the Nordic languages, and Dutch."""

_SIGNS = set("‘’“”‚„–—…€•™«»‹›¡¿°§£©®ªº´·½¼¾×\xa0")
"""Other characters of texts in these languages."""

_SAMPLE, _READ = 64 * 1024, 64 * 1024 * 1024
"""The bytes to guess an encoding from, and the bytes to check the guess with."""


def read_encoding(name: str) -> str:
    """Returns the normal form of an encoding's name, so that two names share a cache key. Raises ConfigError."""
    try:
        found = codecs.lookup(name).name
        "a".encode(found)  # LookupError if it is no encoding of text, such as base64
    except (LookupError, ValueError):
        found = "undefined"
    if found.replace("-", "_") in _NOT_OF_FILES:
        known = {alias.replace("_", "-") for alias in (*encodings.aliases.aliases, *encodings.aliases.aliases.values())}
        hint = near_match(name.lower().replace("_", "-"), known)
        usual = "" if hint.startswith("; did") else "; usual ones: utf-8, utf-16, latin-1, cp1252, gb18030, shift-jis"
        raise ConfigError(f"unknown encoding '{shown_name(name)}'{usual or hint}")
    return UTF8 if found == "utf-8-sig" else found


def shown_encodings(head: bytes) -> tuple[str, ...]:
    """Returns the encodings that the first bytes of a file show, by their mark or by where they have NUL bytes."""
    for mark, *names in _MARKS:
        if head.startswith(mark):
            return tuple(names)
    if b"\0" not in head:
        return ()
    return tuple(name for name in _UNMARKED if _has_lines(head[: len(head) // 4 * 4], name))[:1]


def _has_lines(head: bytes, name: str) -> bool:
    """Whether bytes are text in an encoding: a first line with a separator, all of it printable."""
    line, end, _ = codecs.getincrementaldecoder(name)("replace").decode(head).partition("\n")
    separated = any(separator in line for separator in ",\t;|{")
    return bool(end) and separated and line.rstrip("\r").replace("\t", " ").isprintable() and "\ufffd" not in line


def wrong_encoding(path: Path, blocks: Iterator[bytes], encoding: str) -> DataError:
    """Returns the error for a file that does not have the encoding `encoding`, with the one that it probably has.

    `blocks`: the bytes of the file, uncompressed.
    """
    content = b""
    while len(content) < _READ and (block := next(blocks, b"")):
        content += block
    line, shown = _first_bad(content, encoding)
    likely = next(name for name in [*_guesses(content), "latin-1"] if name != encoding and _decodes(content, name))
    pack = "gzip -dc < " if content and _is_packed(path) else ""
    source = f"{pack}{shlex.quote(str(path))}{' | ' if pack else ''}"
    command = f"{source}iconv -f {likely} -t UTF-8" if pack else f"iconv -f {likely} -t UTF-8 {source}"
    return DataError(
        f"{path} is not {encoding.upper() if encoding == UTF8 else encoding} (line {line}: {shown}), but probably "
        f"{likely}; read it with --encoding={likely}, or convert it: `{command} > {new_name(path)}`"
    )


def other_encoding(path: Path, found: str, encoding: str) -> DataError:
    """Returns the error for a file whose first bytes show another encoding than `encoding`."""
    return DataError(f"{path} is {found.upper()}, not {encoding}; read it with --encoding={found}")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _first_bad(content: bytes, encoding: str) -> tuple[int, str]:
    """Returns the line of the first byte that cannot be decoded, and that line for a message."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        start = content.rfind(b"\n", 0, error.start) + 1
        end = content.find(b"\n", error.start)
        shown = content[max(start, error.start - 20) : min(end if end >= 0 else len(content), error.start + 20)]
        return content.count(b"\n", 0, error.start) + 1, repr(shown)[1:]
    except UnicodeError as error:  # UTF-16 without a mark
        return 1, str(error)
    return 1, ""


def _guesses(content: bytes) -> Iterator[str]:
    """Yields encodings, the most likely first, from lines that are not ASCII."""
    sample = b"\n".join(line for line in content[: 16 * _SAMPLE].split(b"\n") if not line.isascii())[:_SAMPLE]
    if _decodes(content, UTF8):
        yield UTF8
    western = _decoded(sample, "cp1252")
    if western and _is_western(western):
        yield "cp1252"
    from charset_normalizer import from_bytes

    for match in from_bytes(sample, cp_isolation=_LIKELY):
        if western and _decoded(sample, match.encoding) == western:
            yield "cp1252"  # several encodings give these characters; this one is the most frequent
        yield codecs.lookup(match.encoding).name
    yield "cp1252"


def _is_western(text: str) -> bool:
    """Whether nearly every line could be of one Western language, as few letters of which are not ASCII."""
    letters = [character for character in text if character.isalpha()]
    if sum(not letter.isascii() for letter in letters) > 0.4 * len(letters):
        return False
    lines = [{c for c in line.lower() if not c.isascii()} - _SIGNS for line in text.split("\n")]
    fits = sum(any(used <= set(alphabet) for alphabet in _WESTERN) for used in lines)
    return fits >= 0.9 * len(lines)


def _decoded(content: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)().decode(content)  # the last character may be cut
    except UnicodeError:
        return None


def _decodes(content: bytes, name: str) -> bool:
    return _decoded(content, name) is not None
