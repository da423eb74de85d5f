"""The texts of all splits to compare with each other: the places of their records, their keys and their signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.statistics_gen.counts import Sketches
from components.statistics_gen.minhash import PERMUTATIONS, Signatures

Place = tuple[str, int]
"""The path of a file and the number of a record in it."""


@dataclass(frozen=True)
class Texts:
    """All texts of all splits, split by split. A text of a shard keeps its position among the shard's texts."""

    splits: Sequence[str]
    paths: Sequence[str]
    file: npt.NDArray[np.int64]
    """The number of each text's path."""
    split: npt.NDArray[np.int64]
    records: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint64]
    signatures: Sequence[Signatures]
    """Those of each file. They are not joined, because they take 128 bytes a text."""

    @classmethod
    def of(cls, sketches: Mapping[str, Sequence[Sketches]]) -> "Texts":
        """Joins the sketches of all files. `sketches`: by split, in order."""
        every = [(number, some) for number, split in enumerate(sketches) for some in sketches[split]]
        sizes = [len(some.keys) for _, some in every]
        return cls(
            list(sketches),
            [some.path for _, some in every],
            np.repeat(np.arange(len(every)), sizes),
            np.repeat(np.array([number for number, _ in every], np.int64), sizes),
            np.concatenate([np.empty(0, np.uint32), *(some.records for _, some in every)]),
            np.concatenate([np.empty(0, np.uint64), *(some.keys for _, some in every)]),
            [some.signatures for _, some in every],
        )

    def place(self, text: int) -> Place:
        """Returns the path and the record of a text."""
        return self.paths[self.file[text]], int(self.records[text])

    def signatures_of(self, chosen: npt.NDArray[np.int64]) -> Signatures:
        """Returns the signatures of these texts: uint16 [n, PERMUTATIONS]."""
        found = np.empty((len(chosen), PERMUTATIONS), np.uint16)
        start = 0
        for number, signatures in enumerate(self.signatures):
            here = self.file[chosen] == number
            found[here] = signatures[chosen[here] - start]
            start += len(signatures)
        return found
