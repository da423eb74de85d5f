"""Reads and checks `counts.json`: what Ingestion counted in the documents. Light to import."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from components.ingestion.source import Log
from components.shared.label_form import listed_labels
from pipeline.core.artifact import Scalar
from pipeline.core.errors import DataError
from schemas.contracts.encode import read
from schemas.contracts.examples import ExampleCounts

COUNTS = ExampleCounts.FILE


def read_counts(directory: Path) -> ExampleCounts:
    """Reads the `counts.json` of an Examples artifact in `directory`."""
    return read(ExampleCounts, directory / COUNTS)


def check_counts(summary: ExampleCounts, source: str, log: Log, why_empty: Callable[[str], str] | None = None) -> None:
    """Warns of empty texts and of labels that are missing in train. Raises DataError if a split has no documents.

    `why_empty`: explains the empty split that it gets.
    """
    for split, counts in summary.splits.items():
        if not counts.examples:
            if why_empty:
                raise DataError(why_empty(split))
            raise DataError(
                f"{source}: split '{split}' is empty; add documents for it to the source"
                if split != "validation"
                else f"{source}: split '{split}' is empty; raise validation_fraction, or set it to 0 for no such split"
            )
        if counts.empty_texts:
            log(f"warning: {source}: {counts.empty_texts:,} texts in {split} have no words; they are not removed")
    if missing := [name for name, count in summary.splits["train"].labels.items() if not count]:
        log(f"warning: {source}: labels without documents in train: {listed_labels(missing)}; they cannot be learned")


def properties_of(summary: ExampleCounts, source: str, names: Sequence[str]) -> dict[str, Scalar]:
    """Returns the properties of the Examples artifact, as its class lists them."""
    splits = summary.splits
    untrained = [name for name, count in splits["train"].labels.items() if not count]
    return {
        "source": source,
        "classes": len(names),
        "label_names": json.dumps(list(names)),
        **({"untrained_labels": json.dumps(untrained)} if untrained else {}),
        **{f"{split}_examples": counts.examples for split, counts in splits.items()},
        "empty_texts": sum(counts.empty_texts for counts in splits.values()),
        "set_aside": summary.set_aside,
        "content_sha256": summary.content_sha256,
    }
