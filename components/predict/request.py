"""What the flags of `predict` ask for: the files, the output and how to read. Light to import."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from components.ingestion.files.columns import TEXT, check_texts
from components.ingestion.files.pattern import SourceFile, find_files, format_by_name
from components.ingestion.files.row import Reading
from components.ingestion.files.text_encoding import read_encoding
from components.shared.columns import NUMBER
from pipeline.cli.call import Call
from pipeline.cli.places import check_local
from pipeline.core.errors import ConfigError, listed, near_match
from schemas.contracts.push import Version

STDIN = "-"
FORMATS = (".csv", ".tsv", ".jsonl")
"""The formats of the output, by the end of its name."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to predict, and where to."""

    files: tuple[SourceFile, ...]
    """The files in the order of the output. A path of `-` is stdin."""
    output: Path | None
    """None: stdout."""
    form: str
    """The format of the output, one of FORMATS."""
    reading: Reading
    text_column: str
    label_column: str
    """The column to compare the predictions with, where it exists."""
    top: int
    max_bad_rows: int

    @property
    def staging(self) -> Path | None:
        """The folder next to the output where an unfinished output is stored."""
        return self.output.with_name(f".{self.output.name}.partial") if self.output else None


def request_of(call: Call) -> Request:
    """Raises ConfigError for files that do not exist, and for an output that cannot be written."""
    values = call.values
    files = tuple(file for argument in call.arguments for file in _files(argument))
    if not files:
        raise ConfigError("predict needs a file, - for stdin, or --text; such as `predict new.csv --output=out.csv`")
    if sum(str(file.path) == STDIN for file in files) > 1:
        raise ConfigError("stdin (-) is named twice; name it once")
    output = _output(str(values.output or STDIN), files)
    try:
        encoding = read_encoding(values.encoding)
    except ConfigError as error:
        raise ConfigError(f"--encoding: {error}") from error
    names = tuple(values.columns or ())
    text, texts = str(values.text_column), tuple(values.text_columns or ())
    check_texts(text, texts)
    if not text:
        raise ConfigError("--text_column is empty; name the column of the texts")
    if len(set(names)) < len(names):
        raise ConfigError(f"--columns must name different columns, got {listed(names)}")
    if values.max_bad_rows < 0:
        raise ConfigError(f"--max_bad_rows must be at least 0, got {values.max_bad_rows}")
    return Request(
        files=files,
        output=output,
        form=output.suffix.lower() if output else FORMATS[0],
        reading=Reading(encoding=encoding, quoting=values.quoting, names=names, texts=texts[1:]),
        text_column=texts[0] if texts else text,
        label_column=str(values.label_column),
        top=values.top,
        max_bad_rows=values.max_bad_rows,
    )


def for_version(request: Request, about: Version) -> Request:
    """Returns the request with the columns that a version reads. Raises ConfigError if the flags contradict them."""
    several = about.text_columns or ()
    given = (request.text_column, *request.reading.texts)
    if several and given == (TEXT,):
        given = several
    if len(given) != max(1, len(several)):
        expected = f"the texts of {', '.join(several)}" if several else "one text"
        flag = f"--text_columns, {len(several)} columns in this order" if several else "--text_column"
        raise ConfigError(f"version {about.version} of {about.model} reads {expected}, got {listed(given)}; name them "
                          f"with {flag}")  # fmt: skip
    features = tuple(sorted(about.feature_columns or ()))
    names = request.reading.names
    for name in (*given, *features) if names else ():
        if name not in names:
            raise ConfigError(f"--columns has no column '{name}'{near_match(name, names)}; name it with --text_column")
    numbers = tuple(name for name, kind in (about.feature_columns or {}).items() if kind == NUMBER)
    reading = replace(request.reading, texts=given[1:], features=features, numbers=numbers)
    return replace(request, text_column=given[0], reading=reading)


def _files(argument: str) -> list[SourceFile]:
    """The files of an argument: stdin, a path, or a pattern that the shell did not expand."""
    if argument == STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            raise ConfigError("stdin (-) is the terminal; give it a file, such as `predict - < new.csv`")
        return [SourceFile(Path(STDIN), "stdin", "")]
    check_local("FILE", argument)
    path = Path(argument).expanduser().absolute()
    if path.is_dir():
        raise ConfigError(f"{argument} is a folder; name the files in it, such as {argument.rstrip('/')}/*.csv")
    if not path.exists():
        try:
            return find_files(str(path))
        except ConfigError as error:
            raise ConfigError(str(error).replace("--source=", "", 1)) from error
    if not os.access(path, os.R_OK):
        raise ConfigError(f"{argument} cannot be read: permission denied; change its permissions")
    return [SourceFile(path, path.name, format_by_name(str(path)))]


def _output(named: str, files: tuple[SourceFile, ...]) -> Path | None:
    """The file to write; None for stdout."""
    if named == STDIN:
        return None
    check_local("--output", named)
    path = Path(named).expanduser().absolute()
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"--output={named}: its name must end with {', '.join(FORMATS)}, which is its format")
    if path.is_dir():
        raise ConfigError(f"--output={named} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise ConfigError(f"--output={named}: there is no folder {path.parent}; create it")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError(f"--output={named}: the folder {path.parent} is not writable; name another file")
    if path.exists() and any(file.path.exists() and file.path.samefile(path) for file in files):
        raise ConfigError(f"--output={named} is also read; name another file, because it would be replaced")
    return path
