"""Finds ids that several examples share. Compares all shards, because examples with one id can have different texts."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from components.statistics_gen.counts import SplitCounts
from components.statistics_gen.read import id_digest
from schemas.artifacts.examples import Examples
from schemas.records.examples import parse_features
from schemas.records.tfrecord import read_records

SHOWN = 10
"""The number of repeated ids that are named."""


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
    return np.frombuffer(b"".join(counts.ids), "<u8")
