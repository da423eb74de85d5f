"""The texts to choose from: their predictions in memory, their rows in a temporary file. Imports TensorFlow.

Memory grows by about 60 bytes a text, whatever its length.
"""

import json
import pickle
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from components.ingestion.files.pattern import SourceFile
from components.ingestion.files.records import Record, read_all_columns
from components.ingestion.files.row import BadRow
from components.ingestion.files.rows import place
from components.label.choose import Floats, Rows, uncertainty
from components.predict.layout import numbered
from components.predict.request import Request
from components.serving.columns import TEXT, Given
from components.serving.served_model import BATCH, ServedModel
from components.text.text_key import EMPTY_KEY, text_keys
from pipeline.core.errors import DataError

AT_ONCE = 8 * BATCH
LISTED = 5
"""The number of bad rows that a message lists."""


class Entry(NamedTuple):
    """A row of the input."""

    place: str
    """File and line: the id of a row without another one."""
    text: str
    given: Given
    """What the model is called with."""
    columns: dict[str, str]
    """All its columns as text, by name. The second column of a name gets a number: `x_2`."""


class Pool:
    """The texts that may be chosen, in the order of the files."""

    def __init__(self, file: Path, model: ServedModel) -> None:
        """`file`: where the rows are stored."""
        self._file, self._model = file.open("w+b"), model
        self._starts, self._labels = array("q"), array("l")
        self._shares, self._uncertain = array("f"), array("f")
        self.keys = list[bytes]()
        self.read = 0
        """Rows that were read, with those that cannot be chosen."""
        self.bad = list[str]()
        """Place and fault of the first bad rows."""
        self.bad_rows = 0

    def add(self, request: Request, files: Iterable[SourceFile], leave_out: Collection[bytes]) -> int:
        """Reads files and predicts their texts. Returns the number of texts that have a key in `leave_out`.

        Texts without a word are not added. Raises DataError if a file cannot be read, or if more rows are bad than
        allowed.
        """
        known = 0
        entries = (entry for file in files for entry in self._entries(request, file))
        while batch := list(islice(entries, AT_ONCE)):
            keys = text_keys([entry.text.encode() for entry in batch])
            known += sum(key in leave_out for key in keys)
            self._predict([
                (entry, key) for entry, key in zip(batch, keys, strict=True)
                if key not in leave_out and key != EMPTY_KEY
            ])  # fmt: skip
        if self.bad_rows > request.max_bad_rows:
            first = "\n  ".join([*self.bad, *(["…"] if self.bad_rows > len(self.bad) else [])])
            rows = f"{self.bad_rows:,} row{'' if self.bad_rows == 1 else 's'} cannot be used"
            raise DataError(f"{rows} ({request.max_bad_rows:,} allowed by --max_bad_rows):\n  {first}\n"
                            "correct or delete them, or skip them with a higher --max_bad_rows")  # fmt: skip
        return known

    @property
    def uncertain(self) -> Floats:
        """The uncertainty of each text: float32 [n]."""
        return np.frombuffer(self._uncertain, np.float32) if self._uncertain else np.zeros(0, np.float32)

    def entry(self, row: int) -> Entry:
        """Returns a row."""
        self._file.seek(self._starts[row])
        found: Entry = pickle.load(self._file)  # which this process wrote
        return found

    def texts(self, rows: Rows) -> list[str]:
        """Returns the texts of some rows."""
        return [self.entry(int(row)).text for row in rows]

    def suggested(self, row: int) -> tuple[str, float]:
        """Returns the most probable label of a row and its probability."""
        return self._model.labels[self._labels[row]], self._shares[row]

    def probabilities(self, rows: Rows) -> Floats:
        """Predicts some rows again: float32 [k, classes]."""
        return self._model.predict([self.entry(int(row)).given for row in rows]).probabilities

    def _predict(self, entries: Sequence[tuple[Entry, bytes]]) -> None:
        if not entries:
            return
        # Batches of one size give the bits of the evaluation.
        first = entries[0][0].given
        filling = "" if isinstance(first, str) else first
        given = [*(entry.given for entry, _ in entries), *[filling] * (-len(entries) % BATCH)]
        found = self._model.predict(given).probabilities[: len(entries)]
        self._uncertain.extend(uncertainty(found).tolist())
        self._labels.extend(found.argmax(axis=1).tolist())
        self._shares.extend(found.max(axis=1).tolist())
        self._file.seek(0, 2)
        for entry, key in entries:
            self._starts.append(self._file.tell())
            pickle.dump(entry, self._file)
            self.keys.append(key)

    def _entries(self, request: Request, file: SourceFile) -> Iterator[Entry]:
        header, records = read_all_columns(file, request.text_column, request.reading)
        names = [name if number == 1 else f"{name}_{number}" for name, number in numbered(header or ())]
        for record in records:
            if isinstance(record, BadRow):
                self.bad_rows += record.lines
                if len(self.bad) < LISTED:
                    self.bad.append(f"{place(file, record.line)}: {record.why}")
                continue
            self.read += 1
            named = dict(zip(request.reading.features, record.features, strict=True))
            given = {TEXT: record.text, **named} if named else record.text
            yield Entry(f"{file.name}:{record.line}", record.text, given, _columns(record, names))


def _columns(record: Record, names: Sequence[str]) -> dict[str, str]:
    if isinstance(record.values, Mapping):
        return {name: _cell(value) for name, value in record.values.items()}
    return dict(zip(names, record.values, strict=True))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
