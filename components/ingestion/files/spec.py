"""The settings for your own files, and the files and splits that follow from them. Light to import."""

import re
from dataclasses import dataclass, fields
from pathlib import PurePosixPath

from components.ingestion.files.pattern import SourceFile, find_files, is_dated, span_name
from components.ingestion.files.spans import HELD_OUT, NEXT_SPAN, Spans
from pipeline.core.errors import ConfigError

BY_CONTENT = ""
"""The split of a file whose documents are divided between train and test by the hash of their text."""


@dataclass(frozen=True)
class SplitFile:
    """A file and the split of its documents."""

    file: SourceFile
    split: str
    """`train`, `test` or BY_CONTENT."""
    shown: str
    """What it is called in the record and in messages."""


@dataclass(frozen=True, kw_only=True)
class FilesSpec:
    """The settings for reading your own files. Raises ConfigError for invalid values."""

    pattern: str
    """Where they are, which is no content: the files themselves are."""
    text_column: str = "text"
    label_column: str = "label"
    id_column: str = ""
    """Empty: documents are named by file and row."""
    labels: tuple[str, ...] = ()
    """All labels there are, in id order; empty: those that are found, sorted."""
    eval_fraction: float = 0.2
    """The part that becomes test, by content hash, in (0, 1)."""
    max_bad_rows: int = 0
    """Rows that may be left out before the run stops."""
    span: int | None = None
    window: int = 1
    evaluate_on: str = HELD_OUT
    allow_gaps: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.eval_fraction < 1:
            raise ConfigError(f"eval_fraction must be between 0 and 1, got {self.eval_fraction}; try 0.2")
        if self.labels and (len(self.labels) < 2 or len(set(self.labels)) < len(self.labels)):
            raise ConfigError(f"--labels must name two or more different labels, got {', '.join(self.labels)}")
        columns = [name for name in (self.text_column, self.label_column, self.id_column) if name]
        if len(columns) < 2 + bool(self.id_column) or len(set(columns)) < len(columns):
            raise ConfigError(f"text, label and id must be different columns, got {', '.join(columns) or 'none'}")

    @property
    def parameters(self) -> dict[str, object]:
        """The settings in the cache key: all except the files' location. Span settings only if spans are used."""
        spans = {"span", "window", "evaluate_on"} if self.span is None else set()
        skipped = {"pattern", "allow_gaps", *spans}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in skipped}

    @property
    def columns(self) -> tuple[str, str, str]:
        """The columns of text, label and id; the id column may be empty."""
        return self.text_column, self.label_column, self.id_column

    def split_files(self) -> list[SplitFile]:
        """Returns the files of this run with their splits, sorted by name.

        Raises ConfigError as `find_files` and `Spans` do, or if no file can be used for training.
        """
        found = find_files(self.pattern)
        if self.span is None:
            return [SplitFile(file, split, file.name) for file, split in _by_folder(found)]
        spans = Spans(self.pattern, tuple(sorted({file.span or 0 for file in found})), self.allow_gaps)
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
        return [SplitFile(file, split, self._shown(file)) for file, split in chosen]

    def _shown(self, file: SourceFile) -> str:
        return f"span {span_name(file.span or 0, is_dated(self.pattern))}'s {file.name}"


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


def parse_labels(text: str) -> tuple[str, ...]:
    """Parses labels that are separated by commas, or by line ends; with line ends, labels may contain commas."""
    return tuple(label.strip() for label in re.split(r"\n" if "\n" in text else ",", text) if label.strip())
