"""The JSON of Examples: `counts.json`, written by Ingestion."""

from collections.abc import Mapping
from typing import ClassVar

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import Count


class SplitCounts(Contract, frozen=True, kw_only=True):
    """The documents of one split."""

    examples: Count
    """Documents in the split."""
    empty_texts: Count
    """Documents whose text has no word."""
    labels: Mapping[str, Count]
    """Documents by label name. Every known label is listed, with 0 if it has none."""


class ExampleCounts(Contract, frozen=True, kw_only=True):
    """`counts.json`: the documents that Ingestion read."""

    FILE: ClassVar[str] = "counts.json"
    ASCII_ONLY: ClassVar[bool] = True
    SORT_KEYS: ClassVar[bool] = True

    content_sha256: str
    """A digest of all documents, in hex. It does not depend on their order or sharding."""
    set_aside: Count
    """Rows of your own files whose text has no word. They are in no split."""
    splits: Mapping[str, SplitCounts]
    """By split: train, validation (unless none was split off) and test."""
