"""The texts to test a served model with: some of the test split, and texts that are difficult for servers."""

import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import read_documents

SPLIT = "test"
BATCH = 512
"""Number of texts in the large batch. A smaller split is repeated to fill it."""
SINGLE = 16
"""Number of texts of the large batch that are also served one by one."""

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
    """Texts that are served together, and a name for them."""

    name: str
    texts: tuple[str, ...]


def read_batches(examples: Examples) -> list[Batch]:
    """Returns the large batch, its first SINGLE texts one by one, and the awkward texts one by one and together."""
    texts = _sample(examples)
    if not texts:
        raise DataError(
            f"{examples.split_dir(SPLIT)} has no texts to test a served model with; add {SPLIT} texts to the source"
        )
    large = (texts * (BATCH // len(texts) + 1))[:BATCH]
    return [
        Batch(f"a batch of {BATCH}", tuple(large)),
        *(Batch(f"text {number} of the batch, alone", (text,)) for number, text in enumerate(large[:SINGLE], start=1)),
        *(Batch(name, (text,)) for name, text in AWKWARD.items()),
        Batch("the awkward texts together", tuple(AWKWARD.values())),
    ]


def _sample(examples: Examples) -> list[str]:
    """Returns up to BATCH texts whose ids have the smallest SHA-256. They do not depend on the number of shards."""
    chosen = heapq.nsmallest(BATCH, _hashed(examples))
    return [text for _, text in chosen]


def _hashed(examples: Examples) -> Iterator[tuple[bytes, str]]:
    classes = int(examples.properties["classes"])
    for path in examples.files(SPLIT):
        for document in read_documents(path, classes):
            yield hashlib.sha256(document.id.encode()).digest(), document.text
