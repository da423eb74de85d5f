"""Reads the documents of a shard in batches that a TensorFlow graph can take in at once."""

from collections.abc import Iterator
from pathlib import Path

from schemas.artifacts.examples import Examples
from schemas.records.examples import Document, read_documents

BATCH_BYTES = 2 * 1024 * 1024
"""Some 1,000 reviews: enough for the graph to run at full speed, and at most one long text above it in memory."""


def shards_of(examples: Examples, splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """(split, path) of every shard of `splits`."""
    return [(split, str(path)) for split in splits for path in examples.files(split)]


def read_batches(path: Path, classes: int, overhead: int) -> Iterator[list[Document]]:
    """Yields the documents of a shard, as many at a time as make BATCH_BYTES.

    `overhead`: bytes that a document takes besides its text. Raises DataError as `read_documents`.
    """
    batch: list[Document] = []
    size = 0
    for document in read_documents(path, classes):
        batch.append(document)
        size += len(document.text) + overhead
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
