"""Opens the user's files: surveys them, rejects unusable data, and returns the parts to read. Imports TensorFlow."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.ingestion.files.features import feature_values, kinds_of
from components.ingestion.files.keys import read_keys
from components.ingestion.files.labels import label_ids, merged_labels, merged_line
from components.ingestion.files.settings import FilesSettings, SplitFile
from components.ingestion.files.survey import ROWS, TEXTS, spill, survey
from components.ingestion.files.verdict import check_ids, names_of, warnings_of, write_bad_rows
from components.ingestion.source import Part
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError, DataError
from schemas.records.examples import Document
from schemas.records.spills import read_spill


@dataclass(frozen=True)
class FilePart(Part):
    """One file, whose rows the survey has written to a temporary file."""

    split: str
    rows: Path
    own_ids: bool
    """Whether ids come from the id column, not from file name and line."""
    labels: tuple[str, ...]
    merged: Mapping[str, str]
    """The label that replaces each label that differs from it only in form."""
    leaked: Path | None
    """A file with the keys of the texts that train and test share, which train leaves out; None if none are shared."""
    test_fraction: float
    features: tuple[tuple[str, str], ...] = ()
    """Name and kind of each feature, in the order of their names."""

    def documents(self, source: str, classes: int) -> Iterator[Document]:
        """Yields its documents. An id is `<source>/<file>/<zero-padded line>`, or the value of the id column."""
        ids, prefix = label_ids(self.labels), "" if self.own_ids else f"{source}/"
        leaked = set(read_keys([self.leaked]).tolist()) if self.leaked else ()
        for id_, text, label, key, values in read_spill(self.rows):
            if key not in leaked:
                yield Document(
                    prefix + id_, text, ids[self.merged.get(label, label)], feature_values(self.features, values)
                )

    def split_of(self, key: bytes) -> str:
        """Returns the split that a folder or a span decides, else one by content hash: equal texts share a split."""
        return self.split or ("test" if in_test(key, self.test_fraction) else "train")


@dataclass(frozen=True)
class Opened:
    """The user's files after the survey found them usable."""

    names: tuple[str, ...]
    """The labels, in id order."""
    parts: Sequence[FilePart]
    set_aside: int
    """The number of rows without a word, which the parts leave out."""
    properties: dict[str, Scalar]
    """Further properties of the Examples artifact."""


def open_files(
    spec: FilesSettings, scratch: Path, target: Path, beam_args: Sequence[str], log: Callable[[str], None]
) -> Opened:
    """Surveys the files, and writes the list of bad rows into `target`.

    `scratch`: an empty directory that every worker can access. Raises DataError if the files cannot be used.
    """
    files = _split_files(spec)
    found = survey(files, spec, scratch, beam_args)
    merged = merged_labels(found.labels, spec)
    for label, best in merged.items():
        found.labels[best] += found.labels.pop(label)
    names, features = names_of(found, spec), kinds_of(found, spec)
    check_ids(files, spec, scratch)
    test, train = (
        read_keys(spill(scratch, n, TEXTS) for n, file in enumerate(files) if file.split == split)
        for split in ("test", "train")
    )
    shared = np.intersect1d(train, test)
    leaked = int(np.isin(train, shared).sum())
    for line in warnings_of(found, leaked):
        log(line)
    if merged:
        log(merged_line(merged))
    write_bad_rows(found, target, files)
    leaked_keys = scratch / "leaked.keys" if leaked else None
    if leaked_keys:
        shared.tofile(leaked_keys)
    parts = [
        FilePart(
            split=file.split,
            rows=spill(scratch, number, ROWS),
            own_ids=bool(spec.id_column),
            labels=names,
            merged=merged,
            leaked=leaked_keys if file.split == "train" else None,
            test_fraction=spec.test_fraction,
            features=features,
        )
        for number, file in enumerate(files)
    ]
    spans = {} if spec.span is None else {"span": spec.span, "window": spec.window}
    counts: dict[str, Scalar] = {"bad_rows": found.bad, "leaked_texts": leaked, "merged_labels": len(merged)}
    columns: dict[str, Scalar] = {"text_columns": json.dumps(spec.text_columns)} if spec.text_columns else {}
    columns |= {"feature_columns": json.dumps(dict(features))} if features else {}
    return Opened(names, parts, found.empty, {**counts, "label_column": spec.label_column, **columns, **spans})


def _split_files(spec: FilesSettings) -> list[SplitFile]:
    try:
        return spec.split_files()
    except ConfigError as error:  # the same settings were valid when the run began
        raise DataError(f"the files of {spec.source} changed during the run: {error}") from error


def in_test(key: bytes, fraction: float) -> bool:
    """Whether a text goes to test. Other bytes of its key choose validation and the shard."""
    return int.from_bytes(key[16:24], "big") < fraction * 2**64
