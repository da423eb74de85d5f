"""The record of texts that were asked for: `labels/<digest>/asked.json` in the pipeline root. Light to import."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.storage.durable import fsync
from schemas.contracts.encode import encode, read
from schemas.contracts.labeling import Asked

FOLDER = "labels"


def record(root: Path, asked: Asked) -> None:
    """Records what was asked for, completely or not at all, in place of an earlier request with the same file."""
    for path, other in recorded(root):
        if other.file == asked.file:
            path.unlink()
    data = encode(asked)
    path = root / FOLDER / hashlib.sha256(data).hexdigest()[:12] / Asked.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    fsync(new)
    new.replace(path)


def recorded(root: Path) -> Iterator[tuple[Path, Asked]]:
    """Yields the requests of a pipeline root with their files. Raises DataError if one of them is damaged."""
    for path in sorted((root / FOLDER).glob(f"*/{Asked.FILE}")):
        yield path, read(Asked, path)
