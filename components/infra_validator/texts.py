"""The texts that are served on trial: some of the test split, and those that servers stumble over."""

import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import read_documents

SPLIT = "test"
BATCH = 512
"""Texts of the large batch. A split that has fewer is repeated to fill it."""
SINGLE = 16
"""So many of them are served one by one, too."""

AWKWARD = {
    "empty text": "",
    "no word": " \t\n.,!? ",
    "unknown words": "qwxzj zzyzxq vvkqx",
    "emoji": "📈🚀 naïve 日本語 ﬁ İstanbul",
    "control characters": "a\0b\rc\x1b[0m",
    "1 MB": "word of a very long text " * (1024 * 1024 // 25),
}


@dataclass(frozen=True)
class Batch:
    """Texts that are served together, and what is told of them."""

    name: str
    texts: tuple[str, ...]


def read_batches(examples: Examples) -> list[Batch]:
    """The large batch, the first SINGLE of its texts one by one, the awkward ones one by one, and those together."""
    texts = _sample(examples)
    if not texts:
        raise DataError(f"{examples.split_dir(SPLIT)} holds no text to serve on trial; a source needs some for {SPLIT}")
    large = (texts * (BATCH // len(texts) + 1))[:BATCH]
    return [
        Batch(f"a batch of {BATCH}", tuple(large)),
        *(Batch(f"text {number} of the batch, alone", (text,)) for number, text in enumerate(large[:SINGLE], start=1)),
        *(Batch(name, (text,)) for name, text in AWKWARD.items()),
        Batch("the awkward texts together", tuple(AWKWARD.values())),
    ]


def _sample(examples: Examples) -> list[str]:
    """At most BATCH texts, those whose id has the smallest SHA-256: the same ones, however the split is sharded."""
    chosen = heapq.nsmallest(BATCH, _hashed(examples))
    return [text for _, text in chosen]


def _hashed(examples: Examples) -> Iterator[tuple[bytes, str]]:
    classes = int(examples.properties["classes"])
    for path in examples.files(SPLIT):
        for document in read_documents(path, classes):
            yield hashlib.sha256(document.id.encode()).digest(), document.text
