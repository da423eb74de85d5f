"""Parses the user's files: what labels there are, which rows cannot be used, what splits have in common.

No example is written before it is known that the data can be used; rows that can wait in spills. Imports Beam and
TensorFlow.
"""

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam

from components.ingestion.files.keys import key_of, write_keys
from components.ingestion.files.row import BadRow, Row
from components.ingestion.files.rows import place, read_rows
from components.ingestion.files.settings import BY_CONTENT, FilesSettings, SplitFile
from pipeline.core.errors import DataError
from pipeline.core.progress import advance
from pipeline.execution.data_parallel import beam_pipeline
from schemas.records.spills import write_spill

LISTED = 100
"""So many bad rows are listed; all are counted."""

MAX_LABELS = 10_000
"""More different labels are no labels, but texts or ids."""

TEXTS, IDS = "texts", "ids"

ROWS = "rows"


class Usable(NamedTuple):
    """A row that can be used."""

    id: str
    text: str
    label: str
    key: int | None
    """Of the text, if its file is of a split."""


Listed = tuple[int, int, str, str]
"""A bad row: its file's number, its line, its place for people, and why."""


@dataclass
class Survey:
    """What was found. Adding up in any order gives the same."""

    rows: int = 0
    """Those that can be used."""
    labels: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    first: list[Listed] = field(default_factory=list)
    """The first LISTED bad rows, by file and line."""

    def add_bad(self, number: int, row: BadRow, where: str) -> None:
        """Counts a bad row of file `number`."""
        self.bad += row.lines
        if len(self.first) < LISTED:  # they come in the order of their lines
            self.first.append((number, row.line, where, row.why))


def survey(files: Sequence[SplitFile], spec: FilesSettings, scratch: Path, beam_args: Sequence[str]) -> Survey:
    """Reads all files. Leaves rows and keys in `scratch`, which every worker sees, at each file's `spill`.

    Raises DataError if a file cannot be read, lacks a column, or there are more than MAX_LABELS labels.
    """
    result = scratch / "survey.json"
    with beam_pipeline(beam_args) as pipeline:
        (
            pipeline
            | "Files" >> beam.Create(list(enumerate(files)))
            | "Spread" >> beam.Reshuffle()  # or one worker would read them all
            | "Survey" >> beam.Map(survey_file, spec, scratch)
            | "Add up" >> beam.CombineGlobally(AddUp(spec))
            | "Write" >> beam.Map(write_survey, result)
        )
    told = json.loads(result.read_text(encoding="utf-8"))
    first = [tuple(row) for row in told.pop("first")]
    return Survey(**{**told, "labels": Counter(told["labels"]), "first": first})


def survey_file(numbered: tuple[int, SplitFile], spec: FilesSettings, scratch: Path) -> Survey:
    """Surveys one file; spills its Usable rows, the keys of its texts, if it is of a split, and of the ids it gives."""
    number, given = numbered
    found, texts, ids = Survey(), list[int](), list[int]()

    def usable() -> Iterator[Usable]:
        for row in _rows(given, spec):
            advance()
            if isinstance(row, BadRow):
                found.add_bad(number, row, place(given.file, row.line))
                continue
            found.rows += 1
            found.labels[row.label] += 1
            if len(found.labels) > MAX_LABELS:
                raise too_many_labels(spec)
            key = None if given.split == BY_CONTENT else key_of(row.text)
            if key is not None:
                texts.append(key)
            if spec.id_column:
                ids.append(key_of(row.id))
            yield Usable(row.id or f"{given.file.name}/{row.line:08d}", row.text, row.label, key)

    write_spill(spill(scratch, number, ROWS), usable())
    write_keys(texts, spill(scratch, number, TEXTS))
    write_keys(ids, spill(scratch, number, IDS))
    return found


def _rows(given: SplitFile, spec: FilesSettings) -> Iterator[Row | BadRow]:
    """The rows of a file; those with a label that `--labels` does not name are bad."""
    known = label_ids(spec.labels)
    for row in read_rows(given.file, spec.columns):
        if known and isinstance(row, Row) and row.label not in known:
            yield BadRow(row.line, unknown_label(row.label, spec))
        else:
            yield row


def spill(scratch: Path, number: int, kind: str) -> Path:
    """Where what was found in file `number` is. `kind`: ROWS, TEXTS or IDS."""
    return scratch / f"{number:06d}.{kind}"


def label_ids(labels: Sequence[str]) -> dict[str, int]:
    """Label → id, 0..n - 1. Where names are no numbers, a number stands for the name at its place."""
    ids = {name: number for number, name in enumerate(labels)}
    if any(is_number(name) for name in labels):
        return ids
    return {**{str(number): number for number in range(len(labels))}, **ids}


def is_number(label: str) -> bool:
    """Whether a label is a whole number."""
    return label.lstrip("+-").isdecimal() and label.isascii()


def unknown_label(label: str, spec: FilesSettings) -> str:
    """What is wrong with a label that `--labels` does not name."""
    shown = label if len(label) <= 40 else f"{label[:37]}…"
    if is_number(label) and not any(is_number(name) for name in spec.labels):
        return f"its {spec.label_column} {label} is outside 0..{len(spec.labels) - 1}, the labels of --labels"
    return f"its {spec.label_column} '{shown}' is none of --labels"


def too_many_labels(spec: FilesSettings) -> DataError:
    """The error for a column that holds no labels."""
    return DataError(
        f"column '{spec.label_column}' holds more than {MAX_LABELS:,} different labels; name the column of labels with "
        "--label_column"
    )


class AddUp:
    """One Survey of several. A value that can be pickled."""

    def __init__(self, spec: FilesSettings) -> None:
        self.spec = spec

    def __call__(self, surveys: Iterable[Survey]) -> Survey:
        total = Survey()
        for found in surveys:
            total.rows += found.rows
            total.labels.update(found.labels)
            total.bad += found.bad
            total.first = heapq.nsmallest(LISTED, [*total.first, *found.first])
            if len(total.labels) > MAX_LABELS:
                raise too_many_labels(self.spec)
        return total


def write_survey(found: Survey, path: Path) -> None:
    """Writes it where `survey` reads it."""
    content = {"rows": found.rows, "labels": dict(found.labels), "bad": found.bad, "first": found.first}
    path.write_text(json.dumps(content), encoding="utf-8")
