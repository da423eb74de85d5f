"""The sketches of texts, to find near-duplicates, in temporary files: together they take 144 bytes a text.

A file is a series of blocks, one for each batch of texts. A block is columns of uint64, one number for each text: the
key, the record, and the bands of the signature. A reader needs one column in memory at a time: 8 bytes a text.
"""

import uuid
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.statistics_gen.minhash import BANDS, Signatures

KEYS, RECORDS, FIRST_BAND = 0, 1, 2
"""The numbers of the columns. Each band has a column."""

COLUMNS = FIRST_BAND + BANDS

MOST_COMPARED = 1_000_000
"""The largest split that is searched for near-duplicates: its sketches take 144 MB of disk."""

Column = npt.NDArray[np.uint64]
"""uint64 [n], a number for each text."""


class Sketches(NamedTuple):
    """The sketches of some texts of a file of Examples. A text that is too short has none."""

    path: str
    """The file of Examples."""
    stored: str
    """The temporary file, which exists if it has a block."""
    sizes: tuple[int, ...]
    """The number of texts in each block."""

    @property
    def texts(self) -> int:
        """The number of texts."""
        return sum(self.sizes)

    def read(self, column: int, target: Column) -> None:
        """Reads a column into `target`, which has the length of `texts`."""
        if not self.sizes:
            return
        start = 0
        with Path(self.stored).open("rb") as file:
            for size in self.sizes:
                file.seek(8 * (COLUMNS * start + column * size))
                target[start : start + size] = np.fromfile(file, np.uint64, size)
                start += size


class Batch(NamedTuple):
    """The sketches of the texts of a batch."""

    records: npt.NDArray[np.uint32]
    """The number of each text's record in its file: uint32 [n]. They ascend."""
    keys: Column
    """A part of each text's key."""
    signatures: Signatures

    def write(self, path: Path) -> None:
        """Appends a block to a file."""
        block = np.concatenate([[self.keys, self.records.astype(np.uint64)], self.signatures.view(np.uint64).T])
        with path.open("ab") as file:
            block.tofile(file)


class Writer:
    """Writes the sketches of a file of Examples, batch by batch, in order."""

    def __init__(self, path: str, scratch: Path) -> None:
        """`scratch`: a folder that every worker can access."""
        # A unique name: if Beam retries a bundle, nothing reads the files of the first attempt.
        self.path, self.stored = path, scratch / f"{uuid.uuid4().hex}.sketches"
        self.sizes: list[int] = []

    def add(self, batch: Batch) -> None:
        """Adds a batch, unless the texts are already too many to be compared."""
        self.sizes.append(len(batch.keys))
        if sum(self.sizes) > MOST_COMPARED:
            self.stored.unlink(missing_ok=True)
        elif len(batch.keys):
            batch.write(self.stored)

    def written(self) -> Sketches:
        """Returns the sketches of all batches."""
        return Sketches(self.path, str(self.stored), tuple(filter(None, self.sizes)))
