"""Counts and digests documents. The result does not depend on their order or on how they are split among workers."""

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
    """Counts of the documents that were read. All are integers, so their sum does not depend on the order."""

    documents: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Documents by split and label."""
    empty_texts: Counter[str] = field(default_factory=Counter)
    """Texts without a word, by split."""
    corrected: set[str] = field(default_factory=set)
    """The ids that have a correction."""
    changed: int = 0
    """Labels that a correction changed."""
    digest: int = 0
    """The sum of the documents' digests modulo 2²⁵⁶: it does not depend on their order or sharding."""

    def add(self, split: str, document: Document, empty: bool) -> None:
        """Counts one document. `empty`: whether its text has no word."""
        self.documents[split, document.label] += 1
        self.empty_texts[split] += empty
        self.digest = (self.digest + document_digest(split, document)) % _MODULUS

    def merge(self, other: "Counts") -> None:
        """Adds the counts of `other` to these."""
        self.documents += other.documents
        self.empty_texts += other.empty_texts
        self.corrected |= other.corrected
        self.changed += other.changed
        self.digest = (self.digest + other.digest) % _MODULUS


def document_digest(split: str, document: Document) -> int:
    """Returns SHA-256 over split, id, text, label and features, each preceded by its length, as an integer."""
    features = (str(part) for feature in document.features for part in feature)
    parts = [part.encode() for part in (split, document.id, document.text, str(document.label), *features)]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return int.from_bytes(digest.digest(), "big")


def merge_counts(some: Iterable[Counts]) -> Counts:
    """Returns the sum of Counts; zero counts if there are none to add."""
    merged = Counts()
    for counts in some:
        merged.merge(counts)
    return merged


def write_counts(counts: Counts, path: Path, splits: Sequence[str], names: Sequence[str], set_aside: int) -> None:
    """Writes `counts.json`, which `components.ingestion.summary` reads.

    `names`: the labels, in id order. `set_aside`: the number of rows without a word, which are in no split.
    """
    by_split = {
        split: SplitCounts(
            examples=sum(counts.documents[split, label] for label in range(len(names))),
            empty_texts=counts.empty_texts[split],
            labels={name: counts.documents[split, label] for label, name in enumerate(names)},
        )
        for split in splits
    }
    write(path, ExampleCounts(content_sha256=f"{counts.digest:064x}", set_aside=set_aside, splits=by_split))
