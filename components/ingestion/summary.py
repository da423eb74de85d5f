"""Reads and checks `counts.json`: what Ingestion counted in the documents. Light to import.

{"content_sha256": hex, "splits": {split: {"examples": int, "empty_texts": int, "labels": {name: int}}}}
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from components.ingestion.source import Log
from pipeline.core.artifact import Scalar
from pipeline.core.errors import DataError

COUNTS = "counts.json"


class SplitCounts(TypedDict):
    """Counts of one split. `empty_texts`: texts with only white space. `labels`: examples of each label, 0 or more."""

    examples: int
    empty_texts: int
    labels: Mapping[str, int]


class Summary(TypedDict):
    """Counts of all splits. `content_sha256` does not depend on the order or the shards of the documents."""

    content_sha256: str
    splits: Mapping[str, SplitCounts]


def read_counts(directory: Path) -> Summary:
    """Reads the `counts.json` of an Examples artifact in `directory`."""
    summary: Summary = json.loads((directory / COUNTS).read_text(encoding="utf-8"))
    return summary


def check_counts(summary: Summary, source: str, log: Log) -> None:
    """Warns of empty texts and of labels that are missing in train. Raises DataError if a split has no documents."""
    for split, counts in summary["splits"].items():
        if not counts["examples"]:
            raise DataError(
                f"{source}: split '{split}' is empty; add documents for it to the source"
                if split != "validation"
                else f"{source}: split '{split}' is empty; raise validation_fraction, or set it to 0 for no such split"
            )
        if counts["empty_texts"]:
            log(f"warning: {source}: {counts['empty_texts']:,} texts in {split} are empty; they are not removed")
    if missing := [name for name, count in summary["splits"]["train"]["labels"].items() if not count]:
        log(f"warning: {source}: labels without documents in train: {', '.join(missing)}; they cannot be learned")


def properties_of(summary: Summary, source: str, names: Sequence[str]) -> dict[str, Scalar]:
    """Returns the properties of the Examples artifact, as its class lists them."""
    splits = summary["splits"]
    return {
        "source": source,
        "classes": len(names),
        "label_names": json.dumps(list(names)),
        **{f"{split}_examples": counts["examples"] for split, counts in splits.items()},
        "empty_texts": sum(counts["empty_texts"] for counts in splits.values()),
        "content_sha256": summary["content_sha256"],
    }
