"""Counts documents and digests them, exactly and in whatever order and pieces they come."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.contracts.encode import write
from schemas.contracts.examples import ExampleCounts, SplitCounts
from schemas.records.examples import Document

_MODULUS = 2**256


@dataclass
class Counts:
    """What was read. Integers only, so that adding up in any order gives the same."""

    documents: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By split and label."""
    empty_texts: Counter[str] = field(default_factory=Counter)
    """Texts of nothing but white space, by split."""
    digest: int = 0
    """The sum of the documents' digests modulo 2²⁵⁶: it does not depend on their order or sharding."""

    def add(self, split: str, document: Document) -> None:
        """Counts one document."""
        self.documents[split, document.label] += 1
        self.empty_texts[split] += not document.text.strip()
        self.digest = (self.digest + document_digest(split, document)) % _MODULUS

    def merge(self, other: "Counts") -> None:
        """Adds what another has counted."""
        self.documents += other.documents
        self.empty_texts += other.empty_texts
        self.digest = (self.digest + other.digest) % _MODULUS


def document_digest(split: str, document: Document) -> int:
    """SHA-256 over split, id, text and label, each with its length before it, as an integer."""
    parts = [part.encode() for part in (split, document.id, document.text, str(document.label))]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return int.from_bytes(digest.digest(), "big")


def merge_counts(some: Iterable[Counts]) -> Counts:
    """What all of them have counted, in whatever order they come; of none, nothing."""
    merged = Counts()
    for counts in some:
        merged.merge(counts)
    return merged


def write_counts(counts: Counts, path: Path, splits: Sequence[str], names: Sequence[str]) -> None:
    """Writes `counts.json`. `names`: of the labels, in id order."""
    by_split = {
        split: SplitCounts(
            examples=sum(counts.documents[split, label] for label in range(len(names))),
            empty_texts=counts.empty_texts[split],
            labels={name: counts.documents[split, label] for label, name in enumerate(names)},
        )
        for split in splits
    }
    write(path, ExampleCounts(content_sha256=f"{counts.digest:064x}", splits=by_split))
