"""Finds the files that match a `--source` pattern, and the span of each. Light to import.

Placeholders are those of TFX: `{SPAN}` or `{SPAN:width}` is a number; `{YYYY}`, `{MM}` and `{DD}` are a date, whose
span is the number of days since 1970-01-01. The wildcards `*`, `?`, `[…]` and `**` work as in a shell.
"""

import datetime
import fnmatch
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from components.ingestion.files.walk import is_data_file, matching_paths
from pipeline.core.errors import ConfigError, listed, near_match, shown_name

DATE = ("YYYY", "MM", "DD")
FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".tfrecord")
"""File formats, by the end of the name. A name that contains `tfrecord` is a TFRecord file, as in TFX and TFDS."""

BY_CONTENT = ""
"""The format of a file with another name: its content decides."""

_PLACEHOLDER = re.compile(r"\{(\w*)(?::(\d+))?\}")
_WIDEST = 18
_BRACKET = re.compile(r"\[!?\]?[^]/]*\]")
_WIDTHS = {"YYYY": "4", "MM": "2", "DD": "2"}
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
_EPOCH = datetime.date(1970, 1, 1)
_SHOWN, _LONGEST = 5, 300
"""The number of names in a message, and the number of characters of the pattern."""


@dataclass(frozen=True)
class SourceFile:
    """A file that matches the pattern."""

    path: Path
    name: str
    """From the last folder before any wildcard, so that it does not depend on where the data lie."""
    format: str
    """One of FORMATS, or BY_CONTENT."""
    span: int | None = None


def has_spans(pattern: str) -> bool:
    """Whether the pattern divides its files into spans. Raises ConfigError for invalid placeholders."""
    found = [match[1] for match in _PLACEHOLDER.finditer(pattern)]
    for match in _PLACEHOLDER.finditer(pattern):
        name, width = match.groups()
        if name not in ("SPAN", *DATE):
            hint = near_match(name, ("SPAN", *DATE))
            raise ConfigError(f"--source={_shown(pattern)}: unknown placeholder {{{shown_name(name)}}}{hint}")
        if width and not 1 <= int(width[:9]) <= _WIDEST:
            raise ConfigError(
                f"--source={_shown(pattern)}: the width in {{{name}:{shown_name(width)}}} must be from 1 to {_WIDEST}"
            )
    if found and sorted(found) not in (["SPAN"], sorted(DATE)):
        raise ConfigError(
            f"--source={_shown(pattern)}: expected {{SPAN}}, or {{YYYY}}, {{MM}} and {{DD}} together, each exactly once"
        )
    return bool(found)


def is_dated(pattern: str) -> bool:
    """Whether the pattern's spans are days."""
    return "{YYYY}" in pattern


def span_name(span: int, dated: bool) -> str:
    """Returns a span as users write it: the number, or the date."""
    return (_EPOCH + datetime.timedelta(days=span)).isoformat() if dated else str(span)


def day_of(date: str) -> int:
    """Returns the days since 1970-01-01 of a date YYYY-MM-DD. Raises ValueError if it is not a valid date."""
    return (datetime.date.fromisoformat(date) - _EPOCH).days


def find_files(pattern: str) -> list[SourceFile]:
    """Returns the files that match the pattern, sorted by name.

    Raises ConfigError if no file matches, one cannot be read, or a span is written in two ways (`1` and `01`).
    """
    spanned, whole = has_spans(pattern), str(Path(pattern).expanduser().absolute())
    base, regex = _base(whole), re.compile(_regex(whole))
    files, written = [], dict[int, tuple[str, str]]()
    # Hidden files do not match: they are partly written files and those of the file system.
    for found in matching_paths(_PLACEHOLDER.sub("*", whole)):
        matched = regex.fullmatch(found)
        if matched is None or not is_data_file(found):
            continue
        span = _span(matched, found) if spanned else None
        if span is not None and "SPAN" in matched.groupdict():
            text, first = written.setdefault(span, (matched["SPAN"], found))
            if text != matched["SPAN"]:
                raise ConfigError(f"span {span} occurs twice: {first} and {found}; move one of them away")
        files.append(SourceFile(Path(found), _name(found, base), format_by_name(found), span))
    if not files:
        raise ConfigError(_nothing(pattern, base))
    return sorted(files, key=lambda file: file.name)


def _base(whole: str) -> Path:
    """Returns the folder before the first part of the path that contains a wildcard."""
    parts = Path(whole).parts
    fixed = next((i for i, part in enumerate(parts) if re.search(r"[*?\[{]", part)), len(parts))
    return Path(*parts[: min(fixed, len(parts) - 1)])


def _regex(whole: str) -> str:
    """Returns the pattern as a regular expression with a group for each placeholder."""
    pieces, rest = [], whole
    while rest:
        if placeholder := _PLACEHOLDER.match(rest):
            width = placeholder[2] or _WIDTHS.get(placeholder[1])
            pieces.append(rf"(?P<{placeholder[1]}>\d{f'{{{width}}}' if width else '+'})")
            rest = rest[placeholder.end() :]
        elif (bracket := _BRACKET.match(rest)) and not _PLACEHOLDER.search(bracket[0]):
            pieces.append(fnmatch.translate(bracket[0]).removesuffix(r"\Z"))
            rest = rest[bracket.end() :]
        else:
            wildcard = next((w for w in _WILDCARDS if rest.startswith(w)), "")
            pieces.append(_WILDCARDS.get(wildcard) or re.escape(rest[0]))
            rest = rest[len(wildcard or rest[0]) :]
    return "".join(pieces)


def _span(matched: re.Match[str], found: str) -> int:
    groups = matched.groupdict()
    if "SPAN" in groups:
        return int(groups["SPAN"])
    date = "-".join(groups[name] for name in DATE)
    try:
        return day_of(date)
    except ValueError as error:
        raise ConfigError(f"{found}: {date} is not a valid date; rename the file or narrow --source") from error


def _name(found: str, base: Path) -> str:
    name = Path(found).relative_to(base).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"the name of {found!r} is not UTF-8; rename the file") from error
    return name


def format_by_name(found: str) -> str:
    """Returns the format that the name of a file shows: one of FORMATS, or BY_CONTENT."""
    name = Path(found).name.lower().removesuffix(".gz")
    form = ".tfrecord" if "tfrecord" in name else Path(name).suffix
    return form if form in FORMATS else BY_CONTENT


def _nothing(pattern: str, base: Path) -> str:
    """Returns the error for a pattern that matches no file. It lists the files that exist instead."""
    given, folder = f"--source={_shown(pattern)}", base
    while not folder.is_dir():
        folder = folder.parent
    if Path(pattern).expanduser().is_dir():
        return f"{given} is a folder; name the files in it, such as --source={shlex.quote(_inside(pattern))}"
    try:
        entries = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    except OSError as error:
        return f"{given} matches no file; {folder} cannot be read: {error.strerror}"
    return f"{given} matches no file; {folder} contains {listed(entries, _SHOWN) or 'nothing'}"


def _shown(pattern: str) -> str:
    return shown_name(pattern, _LONGEST)


def _inside(pattern: str) -> str:
    """Returns a pattern for the files in a folder, with the ending of its first file that has a known one."""
    folder = Path(pattern).expanduser()
    for wildcards in ("*", "*/*"):
        for path in sorted(folder.glob(wildcards)):
            if path.is_file() and path.suffix in FORMATS:
                return f"{pattern.rstrip('/')}/{'**/' if '/' in wildcards else ''}*{path.suffix}"
    return f"{pattern.rstrip('/')}/*.csv"
