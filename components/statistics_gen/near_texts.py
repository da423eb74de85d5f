"""The texts of all splits to compare with each other. Their sketches are read from files, a column at a time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.statistics_gen.minhash import BANDS
from components.statistics_gen.sketches import FIRST_BAND, KEYS, RECORDS, Column, Sketches
from schemas.records.examples import parse_features
from schemas.records.tfrecord import read_records

HELD_BYTES = 64 * 1024 * 1024
"""The size of bands that stay in memory after they are read: all bands of half a million texts."""

Numbers = npt.NDArray[np.int64]
"""Numbers of texts: int64 [n]."""


class Record(NamedTuple):
    """The record of a text."""

    number: int
    """The number of the text."""
    id: str
    text: bytes


class Texts:
    """All texts of all splits that have a sketch, numbered file by file and in a file by record."""

    def __init__(self, sketches: Mapping[str, Sequence[Sketches]]) -> None:
        """`sketches`: by split, in order. No two are of the same file."""
        every = [(number, some) for number, split in enumerate(sketches) for some in sketches[split]]
        self.splits, self.files = list(sketches), [some for _, some in every]
        sizes = [some.texts for some in self.files]
        self.starts = [0, *accumulate(sizes)]
        """The number of the first text of each file."""
        self.split = np.repeat(np.array([number for number, _ in every], np.uint8), sizes)
        """The number of each text's split."""

    def column(self, number: int) -> Column:
        """Reads a column of all texts."""
        found = np.empty(len(self.split), np.uint64)
        for file, start in zip(self.files, self.starts, strict=False):
            file.read(number, found[start : start + file.texts])
        return found

    def unique(self) -> tuple[Numbers, Numbers]:
        """Returns the number of the first text of each key, and for each text the place of its key among these."""
        _, first, places = np.unique(self.column(KEYS), return_index=True, return_inverse=True)
        return first, places

    def read(self, chosen: Numbers) -> Iterator[Record]:
        """Reads the records of some texts, whose numbers ascend."""
        records = self.column(RECORDS)[chosen]
        for file, start in zip(self.files, self.starts, strict=False):
            begin, end = np.searchsorted(chosen, [start, start + file.texts])
            for number, (id_, text) in zip(
                chosen[begin:end].tolist(), _values(Path(file.path), records[begin:end].tolist()), strict=True
            ):
                yield Record(number, id_, text)


class Bands:
    """The bands of the signatures of some texts. Only the first bands of many texts stay in memory."""

    def __init__(self, texts: Texts, chosen: Numbers) -> None:
        self.texts, self.chosen = texts, chosen
        self._most = min(HELD_BYTES // (8 * len(chosen) or 1), BANDS)
        self._held: dict[int, Column] = {}

    def __getitem__(self, band: int) -> Column:
        """Returns a band: four parts of each signature as one number."""
        found = self._held.get(band)
        if found is None:
            found = self.texts.column(FIRST_BAND + band)[self.chosen]
            if len(self._held) < self._most:
                self._held[band] = found
        return found


def _values(path: Path, numbers: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """Yields the id and the text of each of these records, whose numbers ascend."""
    wanted = iter(numbers)
    next_ = next(wanted, None)
    if next_ is None:
        return
    for number, record in enumerate(read_records(path)):
        if number == next_:
            features = parse_features(record, f"{path}: record {number}").feature
            ids = features["id"].bytes_list.value if "id" in features else ()
            yield ids[0].decode(errors="replace") if ids else "", features["text"].bytes_list.value[0]
            next_ = next(wanted, None)
            if next_ is None:
                return
