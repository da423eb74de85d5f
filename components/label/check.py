"""Checks a table that comes back labeled, and measures the model on the texts that were chosen at random."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from components.ingestion.files.pattern import SourceFile, format_by_name
from components.ingestion.files.records import read_all_columns
from components.ingestion.files.row import BadRow, Reading, no_column
from components.ingestion.files.rows import place
from components.label.asked import FOLDER, recorded
from components.text.text_key import text_key
from pipeline.core.errors import ConfigError, DataError, listed, near_match
from schemas.contracts.labeling import Asked, AskedText

LEVEL = 0.95
"""The level of the confidence interval."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A table that can be the next span."""

    file: str
    model: str
    version: int
    asked: int
    labeled: int
    new_labels: tuple[str, ...]
    right: Mapping[str, tuple[int, int]]
    """By how texts were chosen: for how many the suggested label is right, and of how many."""
    accuracy_interval: tuple[float, float] | None
    """The 95 % interval (Wilson) of the accuracy of the model on all texts; None without a text at random."""


class _Given(dict[str, tuple[str, str]]):
    """Text and label of each id of the table, and the faults of its rows."""

    def __init__(self, rows: Iterator[tuple[str, str, str]]) -> None:
        super().__init__()
        self.twice = list[str]()
        for id_, text, label in rows:
            if id_ in self:
                self.twice.append(id_)
            self[id_] = (text, label)


def check(path: Path, root: Path, reading: Reading, allow_new_labels: bool) -> Checked:
    """Compares a table with what was asked for. Raises DataError with all its faults in one message."""
    requests = [asked for _, asked in recorded(root)]
    if not requests:
        raise ConfigError(f"{root / FOLDER} has no request for labels; name the --pipeline_root of the request")
    given, asked = _matching(path, requests, reading)
    texts = {text.id: text for text in asked.texts}
    new = sorted({label for _, label in given.values() if label} - set(asked.labels))
    if faults := list(_faults(given, texts, new if not allow_new_labels else [], asked)):
        raise DataError(f"{path} cannot be the next span:\n  " + "\n  ".join(faults))
    right = _right(given, texts)
    return Checked(
        file=str(path),
        model=asked.model,
        version=asked.version,
        asked=len(texts),
        labeled=len(given),
        new_labels=tuple(new),
        right=right,
        accuracy_interval=_interval(*right.get("random", (0, 0))),
    )


def _matching(path: Path, requests: Sequence[Asked], reading: Reading) -> tuple[_Given, Asked]:
    """Returns the rows of the table, and the request with most of its ids. Requests may name columns differently."""
    columns = dict.fromkeys(_columns(asked) for asked in requests)
    best: tuple[int, _Given, Asked] | None = None
    error: DataError | None = None
    for names in columns:
        try:
            given = _Given(_rows(path, names, reading))
        except DataError as wrong:
            error = wrong
            continue
        for asked in requests:
            if _columns(asked) == names:
                common = len({text.id for text in asked.texts} & given.keys())
                if best is None or common > best[0]:
                    best = (common, given, asked)
    if best is None:
        assert error is not None
        raise error
    return best[1], best[2]


def _columns(asked: Asked) -> tuple[str, ...]:
    """Returns the columns of the first text, the label, the id, and the other texts."""
    return (asked.text_column, asked.label_column, asked.id_column, *(asked.more_text_columns or ()))


def _rows(path: Path, names: tuple[str, ...], reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Yields id, text and label of each row. Raises DataError if the table cannot be read."""
    file = SourceFile(path, path.name, format_by_name(str(path)))
    header, records = read_all_columns(file, names[0], replace(reading, texts=names[3:]))
    if header is None:
        raise DataError(f"{path} is not a CSV or TSV file; save the table as one")
    if missing := [name for name in names if name not in header]:
        raise DataError(f"{path} has {no_column(missing[0], header)}; restore the column")
    label, id_ = header.index(names[1]), header.index(names[2])
    for record in records:
        if isinstance(record, BadRow):
            raise DataError(f"{place(file, record.line)}: {record.why}; correct or delete the row")
        yield record.values[id_].strip(), record.text, record.values[label].strip()  # type: ignore[index]


def _faults(given: _Given, texts: Mapping[str, AskedText], new: Sequence[str], asked: Asked) -> Iterator[str]:
    others = [id_ for id_ in given if id_ not in texts]
    changed = [id_ for id_, (text, _) in given.items() if id_ in texts and not _same(text, texts[id_])]
    empty = [id_ for id_, (_, label) in given.items() if id_ in texts and not label]
    if others:
        what = "an id that label did not ask for"
        yield f"{_rows_with(others, what)}: {listed(others)}; delete them, or restore the ids"
    if given.twice:
        yield f"{_rows_with(given.twice, 'an id')} of an earlier row: {listed(given.twice)}; delete one of both"
    if changed:
        yield f"{_rows_with(changed, 'a changed text')}: {listed(changed)}; restore the text from {asked.file}"
    if empty:
        yield f"{_rows_with(empty, 'no label')}: {listed(empty)}; fill in column {asked.label_column}, or delete them"
    for label in new:
        ids = [id_ for id_, (_, found) in given.items() if found == label]
        unknown = f"label '{listed([label])}', which {asked.model} does not know{near_match(label, asked.labels)}"
        yield f"{_rows_with(ids, unknown)}; correct it, or allow it with --allow_new_labels"


def _rows_with(ids: Sequence[str], what: str) -> str:
    return f"{len(ids):,} row{'' if len(ids) == 1 else 's'} with {what}"


def _same(text: str, asked: AskedText) -> bool:
    """Whether the words are the same. Spreadsheets may change white space and line ends."""
    return text_key(text.encode()).hex() == asked.key


def _right(given: _Given, texts: Mapping[str, AskedText]) -> dict[str, tuple[int, int]]:
    right, all_ = Counter[str](), Counter[str]()
    for id_, (_, label) in given.items():
        all_[texts[id_].chosen] += 1
        right[texts[id_].chosen] += label == texts[id_].suggested_label
    return {how: (right[how], all_[how]) for how in sorted(all_)}


def _interval(right: int, all_: int) -> tuple[float, float] | None:
    if not all_:
        return None
    from scipy import stats

    found = stats.binomtest(right, all_).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)
