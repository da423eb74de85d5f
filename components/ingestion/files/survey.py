"""Parses the user's files to find their labels, their unusable rows, and the texts that splits share.

Ingestion writes no example until the survey has checked all files. Until then the usable rows are stored in temporary
files, called spills. Imports Beam and TensorFlow.
"""

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam

from components.ingestion.files.keys import key_of_id, key_of_text, write_keys
from components.ingestion.files.labels import MAX_LABELS, KnownLabels, repeats_header, too_many_labels, unknown_label
from components.ingestion.files.row import BadRow, Row
from components.ingestion.files.rows import place, read_rows
from components.ingestion.files.settings import BY_CONTENT, FilesSettings, SplitFile
from components.shared.columns import category, number, without_marks
from components.text.text_key import has_words
from pipeline.core.progress import advance
from pipeline.execution.data_parallel import beam_pipeline
from schemas.records.spills import write_spill

LISTED = 100
"""The largest number of bad rows that are listed. All are counted."""

TEXTS, IDS = "texts", "ids"

ROWS = "rows"


class Usable(NamedTuple):
    """A row that can be used."""

    id: str
    text: str
    label: str
    key: int | None
    """The key of the text; None if the text's hash chooses its split."""
    features: tuple[str, ...] = ()
    """The values of the features, in the order of their names."""


Listed = tuple[int, int, str, str]
"""A bad row: its file's number, its line, its place for messages, and its fault."""


@dataclass
class Survey:
    """The results of a survey. Their sum does not depend on the order."""

    rows: int = 0
    """The number of usable rows."""
    labels: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    first: list[Listed] = field(default_factory=list)
    """The first LISTED bad rows, by file and line."""
    empty: int = 0
    """The number of rows whose text has no word. They are set aside, so that they decide no metric."""
    headers: int = 0
    """The number of rows that repeat the header and are left out."""
    numbers: Counter[str] = field(default_factory=Counter)
    """The number of values that are numbers, by feature."""
    categories: Counter[str] = field(default_factory=Counter)
    """The number of other values, by feature. Missing values are neither."""

    def add_bad(self, number: int, row: BadRow, where: str) -> None:
        """Counts a bad row of file `number`."""
        self.bad += row.lines
        if len(self.first) < LISTED:  # rows come in the order of their lines
            self.first.append((number, row.line, where, row.why))

    def add_features(self, names: Sequence[str], values: Sequence[str]) -> None:
        """Counts the values of the features of a row by their kind."""
        for name, value in zip(names, values, strict=True):
            if category(value):
                (self.categories if number(value) is None else self.numbers)[name] += 1


def survey(files: Sequence[SplitFile], spec: FilesSettings, scratch: Path, beam_args: Sequence[str]) -> Survey:
    """Reads all files. Stores their rows and keys in `scratch`, which every worker can access, under `spill` names.

    Raises DataError if a file cannot be read or has no such column, or if there are more than MAX_LABELS labels.
    """
    result = scratch / "survey.json"
    with beam_pipeline(beam_args) as pipeline:
        (
            pipeline
            | "Files" >> beam.Create(list(enumerate(files)))
            | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all files
            | "Survey" >> beam.Map(survey_file, spec, scratch)
            | "Add up" >> beam.CombineGlobally(AddUp(spec))
            | "Write" >> beam.Map(write_survey, result)
        )
    found = json.loads(result.read_text(encoding="utf-8"))
    first = [tuple(row) for row in found.pop("first")]
    counters = {name: Counter(found[name]) for name in ("labels", "numbers", "categories")}
    return Survey(**{**found, **counters, "first": first})


def survey_file(numbered: tuple[int, SplitFile], spec: FilesSettings, scratch: Path) -> Survey:
    """Surveys one file and stores its Usable rows and keys.

    Stores keys of texts only if the file belongs to one split, and keys of ids only if the file has an id column.
    """
    number, given = numbered
    found, texts, ids = Survey(), list[int](), list[int]()

    def usable() -> Iterator[Usable]:
        for row in _rows(given, spec, found):
            advance()
            if isinstance(row, BadRow):
                found.add_bad(number, row, place(given.file, row.line))
                continue
            found.rows += 1
            found.labels[row.label] += 1
            found.add_features(spec.reading.features, row.more)
            if len(found.labels) > MAX_LABELS:
                raise too_many_labels(spec)
            key = None if given.split == BY_CONTENT else key_of_text(row.text)
            if key is not None:
                texts.append(key)
            if spec.id_column:
                ids.append(key_of_id(row.id))
            yield Usable(row.id or f"{given.file.name}/{row.line:08d}", row.text, row.label, key, row.more)

    write_spill(spill(scratch, number, ROWS), usable())
    write_keys(texts, spill(scratch, number, TEXTS))
    write_keys(ids, spill(scratch, number, IDS))
    return found


def _rows(given: SplitFile, spec: FilesSettings, found: Survey) -> Iterator[Row | BadRow]:
    """Yields the rows of a file except those to leave out, which are counted in `found`.

    A row with a label that `--labels` does not name becomes a BadRow.
    """
    known = KnownLabels(spec)
    for row in read_rows(given.file, spec.wanted, spec.reading):
        if isinstance(row, BadRow):
            yield row
        elif spec.normalize_labels and repeats_header(row, spec):
            found.headers += 1
        elif row.label not in known:
            yield BadRow(row.line, unknown_label(row.label, spec))
        elif has_words(without_marks(row.text) if spec.text_columns else row.text):
            yield row
        else:
            found.empty += 1


def spill(scratch: Path, number: int, kind: str) -> Path:
    """Returns the path of a temporary file with the results of file `number`. `kind`: ROWS, TEXTS or IDS."""
    return scratch / f"{number:06d}.{kind}"


class AddUp:
    """Adds Surveys up. Can be pickled."""

    def __init__(self, spec: FilesSettings) -> None:
        self.spec = spec

    def __call__(self, surveys: Iterable[Survey]) -> Survey:
        total = Survey()
        for found in surveys:
            total.rows += found.rows
            total.labels.update(found.labels)
            total.numbers.update(found.numbers)
            total.categories.update(found.categories)
            total.bad += found.bad
            total.empty += found.empty
            total.headers += found.headers
            total.first = heapq.nsmallest(LISTED, [*total.first, *found.first])
            if len(total.labels) > MAX_LABELS:
                raise too_many_labels(self.spec)
        return total


def write_survey(found: Survey, path: Path) -> None:
    """Writes a Survey to the file that `survey` reads."""
    path.write_text(json.dumps(vars(found)), encoding="utf-8")
