"""What ingestion says of the documents it read: `counts.json`, written by its Beam pipeline. Light to import."""

import json
from collections.abc import Sequence
from pathlib import Path

from components.ingestion.source import Log
from pipeline.core.artifact import Scalar
from pipeline.core.errors import DataError
from schemas.contracts.encode import read
from schemas.contracts.examples import ExampleCounts

COUNTS = ExampleCounts.FILE


def read_counts(directory: Path) -> ExampleCounts:
    """Reads the `counts.json` of an Examples artifact in `directory`."""
    return read(ExampleCounts, directory / COUNTS)


def check_counts(summary: ExampleCounts, source: str, log: Log) -> None:
    """Warns of empty texts and of labels that train lacks. Raises DataError if a split has no document at all."""
    for split, counts in summary.splits.items():
        if not counts.examples:
            raise DataError(
                f"{source}: split '{split}' is empty; the source must have documents in it"
                if split != "validation"
                else f"{source}: no document of train fell into validation; raise validation_fraction, or 0 for none"
            )
        if counts.empty_texts:
            log(f"warning: {source}: {counts.empty_texts:,} texts of {split} are empty; they are kept")
    if missing := [name for name, count in summary.splits["train"].labels.items() if not count]:
        log(f"warning: {source}: train has no document labelled {', '.join(missing)}; they cannot be learned")


def properties_of(summary: ExampleCounts, source: str, names: Sequence[str]) -> dict[str, Scalar]:
    """The properties of the Examples artifact, as its class lists them."""
    splits = summary.splits
    return {
        "source": source,
        "classes": len(names),
        "label_names": json.dumps(list(names)),
        **{f"{split}_examples": counts.examples for split, counts in splits.items()},
        "empty_texts": sum(counts.empty_texts for counts in splits.values()),
        "content_sha256": summary.content_sha256,
    }
