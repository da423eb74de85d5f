"""Reads the documents of a shard in batches of a size that suits one call of a TensorFlow graph."""

from collections.abc import Iterator
from pathlib import Path

from schemas.artifacts.examples import Examples
from schemas.records.examples import Document, read_documents

BATCH_BYTES = 2 * 1024 * 1024
"""The size of a batch, about 1,000 reviews: enough for full speed. One long text can exceed it."""


def shards_of(examples: Examples, splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """Returns (split, path) of each shard of `splits`."""
    return [(split, str(path)) for split in splits for path in examples.files(split)]


def read_batches(path: Path, classes: int, overhead: int) -> Iterator[list[Document]]:
    """Yields the documents of a shard in batches of about BATCH_BYTES.

    `overhead`: the bytes of a document in addition to its text. Raises DataError as `read_documents`.
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
