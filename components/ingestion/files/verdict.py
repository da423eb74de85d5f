"""Decides from the survey whether the user's files can be used. Imports Beam and TensorFlow."""

import json
from collections.abc import Sequence
from pathlib import Path

from components.ingestion.files.keys import key_of_id, read_keys, repeated
from components.ingestion.files.labels import check_labels, is_number
from components.ingestion.files.row import BadRow
from components.ingestion.files.rows import place, read_rows
from components.ingestion.files.settings import FilesSettings, SplitFile
from components.ingestion.files.survey import IDS, LISTED, Survey, spill
from components.shared.label_form import listed_labels, shown_label
from pipeline.core.errors import DataError, shown_name

SHOWN = 5
"""The largest number of bad rows in a message."""

BAD_ROWS = "bad_rows.json"


def names_of(found: Survey, spec: FilesSettings) -> tuple[str, ...]:
    """Returns the labels in id order: those of `--labels`, else those found, numbers by value and names by letters.

    Raises DataError if there are more bad rows than allowed, fewer than two labels, or nearly as many labels as rows.
    """
    if found.bad > spec.max_bad_rows:
        raise DataError(
            f"{_rows(found.bad)} cannot be used ({spec.max_bad_rows} allowed by --max_bad_rows):\n  {_listed(found)}\n"
            "correct or delete them, or skip them with a higher --max_bad_rows"
        )
    if not found.rows:
        what = "only texts without words" if found.empty else "no rows"
        raise DataError(f"the files of {spec.source} have {what}; there is nothing to learn from")
    if len(found.labels) < 2:
        only = next(iter(found.labels))
        column = spec.label_column
        raise DataError(f"all {found.rows:,} rows have {column} {shown_label(only)}; at least two labels are needed")
    check_labels(found.labels, found.rows, spec)
    if spec.labels:
        return spec.labels
    if all(map(is_number, found.labels)):
        return tuple(sorted(found.labels, key=lambda label: (int(label), label)))
    return tuple(sorted(found.labels))


def warnings_of(found: Survey, leaked: int) -> list[str]:
    """Returns the warnings about data that can be used."""
    warnings = []
    if found.bad:
        warnings.append(f"warning: skipped {found.bad:,} of {_rows(found.rows + found.bad)}:\n  {_listed(found)}")
    if single := [label for label, count in sorted(found.labels.items()) if count == 1]:
        warnings.append(
            f"warning: labels with only one text: {listed_labels(single)}; one text cannot be in both train and test"
        )
    if found.empty:
        warnings.append(f"warning: set aside {_rows(found.empty)} whose text has no words: no split has them")
    if found.headers:
        warnings.append(f"warning: left out {_rows(found.headers)} equal to the header")
    if leaked:
        warnings.append(f"warning: removed {_rows(leaked)} from train, because their texts are also in test")
    return warnings


def write_bad_rows(found: Survey, directory: Path, files: Sequence[SplitFile]) -> None:
    """Writes `bad_rows.json`: the number of bad rows, and file, line and fault of the first LISTED ones."""
    first = [{"file": files[number].shown, "line": line, "why": why} for number, line, _, why in found.first[:LISTED]]
    content = {"bad_rows": found.bad, "first": first}
    (directory / BAD_ROWS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def check_ids(files: Sequence[SplitFile], spec: FilesSettings, scratch: Path) -> None:
    """Raises DataError, with both places, if two rows have the same id."""
    twice = set(repeated(read_keys(spill(scratch, number, IDS) for number in range(len(files)))).tolist())
    if not twice:
        return
    seen: dict[str, str] = {}
    for id_, where in _places(files, spec, twice):
        if id_ in seen:
            raise DataError(
                f"id '{shown_name(id_)}' is used twice: {seen[id_]} and {where}; give every document a unique id, or "
                "leave out --id_column"
            )
        seen[id_] = where


def _places(files: Sequence[SplitFile], spec: FilesSettings, wanted: set[int]) -> list[tuple[str, str]]:
    return [
        (row.id, place(given.file, row.line))
        for given in files
        for row in read_rows(given.file, spec.wanted, spec.reading)
        if not isinstance(row, BadRow) and key_of_id(row.id) in wanted
    ]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _listed(found: Survey) -> str:
    lines = [f"{where}: {why}" for _, _, where, why in found.first[:SHOWN]]
    return "\n  ".join([*lines, "…"] if len(found.first) > SHOWN else lines)
