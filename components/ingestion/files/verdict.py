"""Whether the user's files can be used, by their survey. Imports Beam and TensorFlow."""

import json
from collections.abc import Sequence
from pathlib import Path

from components.ingestion.files.keys import key_of, read_keys, repeated
from components.ingestion.files.row import BadRow
from components.ingestion.files.rows import place, read_rows
from components.ingestion.files.settings import FilesSettings, SplitFile
from components.ingestion.files.survey import IDS, LISTED, Survey, is_number, spill
from pipeline.core.errors import DataError

SHOWN = 5
"""So many bad rows are shown to the person who waits."""

BAD_ROWS = "bad_rows.json"


def names_of(found: Survey, spec: FilesSettings) -> tuple[str, ...]:
    """The labels in id order: those of `--labels`, else those found, numbers by size and names by their letters.

    Raises DataError if rows are bad beyond what is allowed, or there are not two labels.
    """
    if found.bad > spec.max_bad_rows:
        raise DataError(
            f"{_rows(found.bad)} cannot be used ({spec.max_bad_rows} allowed by --max_bad_rows):\n  {_listed(found)}\n"
            "correct or delete them, or leave them out with a higher --max_bad_rows"
        )
    if not found.rows:
        raise DataError(f"the files of {spec.source} have no rows; there is nothing to learn from")
    if len(found.labels) < 2:
        only = next(iter(found.labels))
        raise DataError(f"all {found.rows:,} rows have {spec.label_column} '{only}'; two labels or more are needed")
    if spec.labels:
        return spec.labels
    if all(map(is_number, found.labels)):
        return tuple(sorted(found.labels, key=lambda label: (int(label), label)))
    return tuple(sorted(found.labels))


def warnings_of(found: Survey, leaked: int) -> list[str]:
    """What the person who waits is to know of data that can be used."""
    told = []
    if found.bad:
        told.append(f"warning: {_rows(found.bad)} left out, of {found.rows + found.bad:,}:\n  {_listed(found)}")
    if single := [label for label, count in sorted(found.labels.items()) if count == 1]:
        told.append(f"warning: one text only is labelled {', '.join(single)}; it cannot be both learned and tested")
    if leaked:
        told.append(f"warning: {_rows(leaked)} of train left out, for their texts are in test, too")
    return told


def write_bad_rows(found: Survey, directory: Path, files: Sequence[SplitFile]) -> None:
    """Writes `bad_rows.json`: how many there are, and file, line and fault of the first LISTED."""
    first = [{"file": files[number].shown, "line": line, "why": why} for number, line, _, why in found.first[:LISTED]]
    content = {"bad_rows": found.bad, "first": first}
    (directory / BAD_ROWS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def check_ids(files: Sequence[SplitFile], spec: FilesSettings, scratch: Path) -> None:
    """Raises DataError, naming file and line of both, if an id is there twice."""
    twice = set(repeated(read_keys(spill(scratch, number, IDS) for number in range(len(files)))).tolist())
    if not twice:
        return
    seen: dict[str, str] = {}
    for id_, where in _places(files, spec, twice):
        if id_ in seen:
            raise DataError(
                f"id '{id_}' is there twice: {seen[id_]} and {where}; give every document its own, or leave "
                "--id_column out"
            )
        seen[id_] = where


def _places(files: Sequence[SplitFile], spec: FilesSettings, wanted: set[int]) -> list[tuple[str, str]]:
    return [
        (row.id, place(given.file, row.line))
        for given in files
        for row in read_rows(given.file, spec.columns)
        if not isinstance(row, BadRow) and key_of(row.id) in wanted
    ]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _listed(found: Survey) -> str:
    lines = [f"{where}: {why}" for _, _, where, why in found.first[:SHOWN]]
    return "\n  ".join([*lines, "…"] if len(found.first) > SHOWN else lines)
