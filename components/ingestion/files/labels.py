"""Labels of the user's files: their ids, labels that `--labels` does not name, and labels that differ only in form."""

from collections.abc import Mapping, Sequence

from components.ingestion.files.row import Row
from components.ingestion.files.settings import FilesSettings
from components.shared.label_form import label_form, listed_labels, shown_label, spellings
from pipeline.core.errors import DataError

MAX_LABELS = 10_000
"""The largest number of different labels. A column with more holds texts or ids."""

_SHOWN, _EXAMPLES = 5, 3

_FEW_ROWS = 20
"""With fewer rows, most labels may occur only once."""

_NOT_LABELS = (
    "these look like ids or texts, not labels; name the column of the labels with --label_column (now "
    "{spec.label_column}) and the column of the texts with --text_column (now {spec.text_column})"
)


def label_ids(labels: Sequence[str]) -> dict[str, int]:
    """Returns label → id, 0..n - 1. If no label is a number, the ids themselves are accepted as labels, too."""
    ids = {name: number for number, name in enumerate(labels)}
    if any(is_number(name) for name in labels):
        return ids
    return {**{str(number): number for number in range(len(labels))}, **ids}


def is_number(label: str) -> bool:
    """Whether a label is a whole number."""
    return label.lstrip("+-").isdecimal() and label.isascii()


class KnownLabels:
    """Whether a label can be used: all can, unless `--labels` names some."""

    def __init__(self, spec: FilesSettings) -> None:
        self.spec, self.known = spec, set(label_ids(spec.labels))
        if spec.normalize_labels:
            self.known |= {label_form(label) for label in self.known}

    def __contains__(self, label: str) -> bool:
        if not self.spec.labels or label in self.known:
            return True
        return self.spec.normalize_labels and label_form(label) in self.known


def unknown_label(label: str, spec: FilesSettings) -> str:
    """Returns the fault of a row with a label that `--labels` does not name."""
    if is_number(label) and not any(is_number(name) for name in spec.labels):
        return f"its {spec.label_column} {label} is outside 0..{len(spec.labels) - 1}, the labels of --labels"
    return f"its {spec.label_column} {shown_label(label)} is none of --labels"


def too_many_labels(spec: FilesSettings) -> DataError:
    """Returns the error for a column that has more values than a column of labels can have."""
    return DataError(
        f"column '{spec.label_column}' has more than {MAX_LABELS:,} different values: {_NOT_LABELS.format(spec=spec)}"
    )


def check_labels(labels: Mapping[str, int], rows: int, spec: FilesSettings) -> None:
    """Raises DataError if most rows have a different label. `labels`: the number of rows by label."""
    if spec.labels or rows < _FEW_ROWS or len(labels) <= rows / 2:
        return
    raise DataError(
        f"column '{spec.label_column}' has {len(labels):,} different values in {rows:,} rows, such as "
        f"{listed_labels(sorted(labels)[:_EXAMPLES])}: {_NOT_LABELS.format(spec=spec)}"
    )


def repeats_header(row: Row, spec: FilesSettings) -> bool:
    """Whether a row is the header of the file again, as where files were put together."""
    return row.label == spec.label_column and row.text.strip() == spec.text_column


def merged_labels(labels: Mapping[str, int], spec: FilesSettings) -> dict[str, str]:
    """Returns the label that replaces each one that differs from it only in form; none without `--normalize_labels`."""
    return spellings(labels, label_ids(spec.labels)) if spec.normalize_labels else {}


def merged_line(merged: Mapping[str, str]) -> str:
    """Returns the line that reports labels that were replaced."""
    shown = [f"{shown_label(label)} → {shown_label(best)}" for label, best in sorted(merged.items())]
    what = f"{len(merged):,} label{'s' if len(merged) > 1 else ''}"
    more = ", …" if len(merged) > _SHOWN else ""
    return f"merged {what} into others that differ only in form: {', '.join(shown[:_SHOWN])}{more}"
