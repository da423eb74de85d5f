"""Names a source of your own files: exactly, for the record, and in one word, for servers. Light to import."""

import re
import shlex
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePath

_OPEN = re.compile(r"\{[^}]*\}|\[[^\]]*\]|[*?]+")
"""The parts of a pattern that differ from file to file."""

_FORMATS = re.compile(r"(\.(csv|tsv|jsonl|ndjson|tfrecord|gz))+$", re.IGNORECASE)
_SPLITS = ("train", "validation", "test")
_LONGEST = 100


def exact_name(pattern: str, text: str, label: str, id_: str, features: Sequence[str] = ()) -> str:
    """Returns the name of a source: its pattern and its columns. Another pattern or column is another source.

    `id_`: the id column; empty if it has none.
    """
    columns = {"text": text, "label": label, "id": id_, "features": ",".join(features)}
    said = [pattern, *(f"{kind}={shlex.quote(name)}" for kind, name in columns.items() if name)]
    return " ".join(said).encode(errors="backslashreplace").decode()


def short_name(pattern: str) -> str:
    """Returns a name for servers: letters, digits, - and _, a letter first. `files` if the pattern has no such word.

    It is the file's name without ending, placeholders, wildcards, and numbers at its ends. If nothing is left of it,
    the name is that of the nearest folder whose own name is fixed and not that of a split.
    """
    return next(_words(pattern), "files")[:_LONGEST]


def _words(pattern: str) -> Iterator[str]:
    *folders, file = PurePath(pattern).parts
    parts = _OPEN.split(_FORMATS.sub("", file))
    parts += [folder for folder in reversed(folders) if folder not in _SPLITS and not _OPEN.search(folder)]
    yield from filter(None, map(_word, parts))


def _word(text: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_).strip("-_0123456789")
