"""The settings for your own files, and the files and splits that follow from them. Light to import."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from components.ingestion.files.columns import TEXT, check_columns
from components.ingestion.files.name import exact_name
from components.ingestion.files.pattern import SourceFile, find_files, is_dated, span_name
from components.ingestion.files.row import AUTO, QUOTING, Columns, Reading
from components.ingestion.files.same_file import read_once
from components.ingestion.files.spans import EVALUATE_ON, HELD_OUT, LATEST, NEXT_SPAN, Spans
from components.ingestion.files.text_encoding import UTF8, read_encoding
from components.shared.label_form import same_form, shown_group
from pipeline.core.errors import ConfigError, listed
from pipeline.core.settings import Settings, setting

BY_CONTENT = ""
"""The split of a file whose documents are divided between train and test by the hash of their text."""


@dataclass(frozen=True)
class SplitFile:
    """A file and the split of its documents."""

    file: SourceFile
    split: str
    """`train`, `test` or BY_CONTENT."""
    shown: str
    """Its name in the record and in messages."""
    also: tuple[str, ...] = ()
    """Other names of the same file that match the pattern. They are not read."""


def parse_labels(text: str) -> tuple[str, ...]:
    """Parses labels that are separated by commas, or by line ends; with line ends, labels may contain commas."""
    return tuple(label.strip() for label in re.split(r"\n" if "\n" in text else ",", text) if label.strip())


def read_labels(text: str) -> tuple[str, ...]:
    """The labels in `text`, or in the file that `@FILE` names. Raises ConfigError if that cannot be read."""
    if not text.startswith("@"):
        return parse_labels(text)
    try:
        return parse_labels(Path(text[1:]).expanduser().read_text(encoding="utf-8-sig") + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {text}: {error}; the file has one label per line") from error


def show_labels(labels: tuple[str, ...]) -> str:
    """The inverse of `read_labels`. A line each, because labels may hold commas."""
    text = "\n".join(labels)
    return f"\n{text}" if text.startswith("@") else text  # or the first label would be read as the name of a file


@dataclass(frozen=True, kw_only=True)
class FilesSettings(Settings):
    """What is read from your own files. Raises ConfigError for settings that contradict each other."""

    GROUP: ClassVar = "Your own files"

    source: str = setting(
        help="your CSV, TSV, JSONL or TFRecord files; a pattern, with {SPAN} or {YYYY}-{MM}-{DD} where it has spans",
        location=True,
    )
    """Where the files are. Their content is an external input."""
    text_column: str = setting(TEXT, help="column of the texts")
    text_columns: tuple[str, ...] = setting(
        (), help="several columns of texts, which are joined, such as title,body", default_help="--text_column alone"
    )
    feature_columns: tuple[str, ...] = setting(
        (), help="columns of numbers or categories that the model sees next to the text", default_help="none"
    )
    label_column: str = setting("label", help="column of the labels")
    id_column: str = setting("", help="column of the ids", default_help="file and line")
    columns: tuple[str, ...] = setting(
        (), help="names of the columns of CSV or TSV files without a header, in order", default_help="the first line"
    )
    encoding: str = setting(
        UTF8, help="encoding of the files, such as cp1252, utf-16 or gb18030", parse=read_encoding, show=str
    )
    quoting: str = setting(
        AUTO,
        help='what " is in CSV and TSV: minimal: it encloses cells; none: a part of the text; auto: minimal for CSV, '
        "and for TSV if all cells that have it are enclosed",
        choices=QUOTING,
    )
    labels: tuple[str, ...] = setting(
        (),
        help="all labels in id order, separated by commas, or @FILE with one label per line",
        default_help="the labels found, sorted",
        parse=read_labels,
        show=show_labels,
    )
    test_fraction: float = setting(
        0.2,
        help="fraction of the texts that becomes test, by content hash, if there are no folders train/ and test/",
        above=0,
        below=1,
        alias="eval_fraction",
    )
    normalize_labels: bool = setting(
        False, help="merge labels that differ only in case, white space, invisible characters or form of a number"
    )
    max_bad_rows: int = setting(0, help="number of unusable rows to leave out; one more stops the run", minimum=0)
    span: int | None = setting(
        None, help="last span to train on, a number or a date", default_help=LATEST, parse=str, show=int
    )
    window: int = setting(1, help="number of spans to train on, up to --span", minimum=1)
    evaluate_on: str = setting(
        HELD_OUT, help="test data: a held-out part of the window, or the span after it", choices=EVALUATE_ON
    )
    allow_gaps: bool = setting(False, help="leave out missing spans", location=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.labels and (len(self.labels) < 2 or len(set(self.labels)) < len(self.labels)):
            raise ConfigError(f"--labels must name two or more different labels, got {listed(self.labels)}")
        if self.normalize_labels and (same := same_form(self.labels)):
            both = " and ".join(shown_group(same[0]))
            raise ConfigError(f"--labels names {both}, which --normalize_labels merges; keep one of them")
        check_columns(self.wanted, self.text_column, self.text_columns, self.feature_columns, self.columns)

    @property
    def parameters(self) -> dict[str, object]:
        """Without the settings of spans if there are no spans, and of further columns if there are none."""
        unused = {"span", "window", "evaluate_on"} if self.span is None else set()
        unused |= {name for name in ("text_columns", "feature_columns") if not getattr(self, name)}
        unused |= {"text_column"} if self.text_columns else set()
        return {name: value for name, value in super().parameters.items() if name not in unused}

    @property
    def wanted(self) -> Columns:
        """The columns of the first text, the label and the id; the id column may be empty."""
        return (self.text_columns or (self.text_column,))[0], self.label_column, self.id_column

    @property
    def reading(self) -> Reading:
        """How text files are read."""
        return Reading(encoding=self.encoding, quoting=self.quoting, names=self.columns,
                       texts=self.text_columns[1:], features=tuple(sorted(self.feature_columns)))  # fmt: skip

    @property
    def exact_name(self) -> str:
        """The name of the source in the record: the pattern and the columns."""
        text, label, id_ = self.wanted
        return exact_name(self.source, ",".join((text, *self.text_columns[1:])), label, id_, self.reading.features)

    def split_files(self) -> list[SplitFile]:
        """Returns the files of this run with their splits, sorted by name.

        Raises ConfigError as `find_files` and `Spans` do, or if no file can be used for training.
        """
        found = find_files(self.source)
        if self.span is None:
            return [SplitFile(file, split, file.name, also) for file, split, also in read_once(_by_folder(found))]
        spans = Spans(self.source, tuple(sorted({file.span or 0 for file in found})), self.allow_gaps)
        window = spans.window(self.span, self.window)
        chosen = _by_folder([file for file in found if file.span in window])
        if self.evaluate_on == NEXT_SPAN:
            following = spans.next(self.span)
            if any(split != BY_CONTENT for _, split in chosen):
                raise ConfigError(
                    f"--evaluate_on={NEXT_SPAN} cannot be combined with folders train/ and test/; use one or the other"
                )
            chosen = [(file, "train") for file, _ in chosen]
            chosen += [(file, "test") for file in found if file.span == following]
        return [SplitFile(file, split, self._shown(file), also) for file, split, also in read_once(chosen)]

    def _shown(self, file: SourceFile) -> str:
        return f"span {span_name(file.span or 0, is_dated(self.source))}'s {file.name}"


def _by_folder(files: list[SourceFile]) -> list[tuple[SourceFile, str]]:
    """Returns files with their splits: by the folders train/ and test/ if both exist, else all by content."""
    folders = {file: {"train", "test"}.intersection(PurePosixPath(file.name).parts[:-1]) for file in files}
    used = set().union(*folders.values())
    if used != {"train", "test"}:
        if used == {"test"}:
            raise ConfigError("all files are in folders test/, so there is nothing to train on; widen --source")
        return [(file, BY_CONTENT) for file in files]
    for file, inside in folders.items():
        if len(inside) != 1:
            which = "both" if inside else "neither"
            raise ConfigError(
                f"{file.path} is in {which} of the folders train/ and test/, but other files are in exactly one; "
                "move it or narrow --source"
            )
    return [(file, inside.pop()) for file, inside in folders.items()]
