"""Finds ids that several examples share. Compares all shards, because examples with one id can have different texts."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.statistics_gen.counts import SplitCounts
from schemas.artifacts.examples import Examples
from schemas.records.examples import parse_features
from schemas.records.tfrecord import read_records

SHOWN = 10
"""The number of repeated ids that are named."""

ID_BYTES = 8
"""The bytes that are stored of an id's SHA-256. Among n ids, two are confused with a probability below n² / 2⁶⁵."""


def id_digest(id_: bytes) -> bytes:
    """Returns the part of an id's SHA-256 that is stored."""
    return hashlib.sha256(id_).digest()[:ID_BYTES]


def new_file(scratch: Path) -> str:
    """Returns the path of an empty file for digests. Its name is unique, because Beam may repeat a bundle."""
    path = scratch / f"{uuid.uuid4().hex}.ids"
    path.touch()
    return str(path)


def append_ids(path: str, ids: Iterable[bytes]) -> None:
    """Appends the digests of ids to a file."""
    with Path(path).open("ab") as file:
        file.write(b"".join(map(id_digest, ids)))


def unique_ids(counts: SplitCounts) -> int:
    """Returns the number of different ids."""
    return len(np.unique(_digests(counts)))


def repeated_ids(counts: SplitCounts, examples: Examples, split: str) -> dict[str, int]:
    """Returns the first SHOWN ids that several examples share, with their counts. Reads the split again if needed."""
    digests, times = np.unique(_digests(counts), return_counts=True)
    wanted = set(digests[times > 1].tolist())
    if not wanted:
        return {}
    found: Counter[str] = Counter()
    for path in examples.files(split):
        for number, record in enumerate(read_records(path)):
            features = parse_features(record, f"{path}: record {number}").feature
            for id_ in features["id"].bytes_list.value if "id" in features else ():
                if int.from_bytes(id_digest(id_), "little") in wanted:
                    found[id_.decode(errors="replace")] += 1
    return dict(sorted(found.items())[:SHOWN])


def _digests(counts: SplitCounts) -> npt.NDArray[np.uint64]:
    return np.concatenate([np.empty(0, "<u8"), *(np.fromfile(path, "<u8") for path in counts.ids)])
