"""The user's files as parts of a source, once it is known that they can be used. Imports TensorFlow."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.ingestion.files.keys import holds, key_of, read_keys
from components.ingestion.files.row import BadRow
from components.ingestion.files.rows import read_rows
from components.ingestion.files.spec import FilesSpec, SplitFile
from components.ingestion.files.survey import TEXTS, key_file, label_ids, survey
from components.ingestion.files.verdict import check_ids, names_of, warnings_of, write_bad_rows
from components.ingestion.source import Part
from pipeline.artifact import Scalar
from schemas.examples import Document


@dataclass(frozen=True)
class FilePart(Part):
    """One file. Rows that cannot be used are left out: the survey has counted them."""

    split: str
    given: SplitFile
    spec: FilesSpec
    labels: tuple[str, ...]
    held: Path | None
    """The keys of the texts of test, in order, which are left out of train; None: none have to be."""

    def documents(self, source: str, classes: int) -> Iterator[Document]:
        """Yields its documents. An id is `<source>/<file>/<zero-padded line>`, or what the id column says."""
        ids = label_ids(self.labels)
        held = None if self.held is None else np.memmap(self.held, np.uint64, mode="r")
        for row in read_rows(self.given.file, self.spec.columns):
            if isinstance(row, BadRow) or row.label not in ids:
                continue
            if held is None or not holds(held, key_of(row.text)):
                yield Document(row.id or f"{source}/{self.given.file.name}/{row.line:08d}", row.text, ids[row.label])

    def split_of(self, text: str) -> str:
        """By content hash where no folder or span says it: equal texts share a split."""
        return self.split or ("test" if in_test(text, self.spec.eval_fraction) else "train")


@dataclass(frozen=True)
class Opened:
    """Files that can be used."""

    names: tuple[str, ...]
    """Of the labels, in id order."""
    parts: Sequence[FilePart]
    properties: dict[str, Scalar]
    """What more is to be said of the Examples."""


def open_files(
    spec: FilesSpec, scratch: Path, target: Path, beam_args: Sequence[str], log: Callable[[str], None]
) -> Opened:
    """Surveys the files, and writes the list of bad rows into `target`. `scratch`: empty, and seen by every worker.

    Raises DataError if they cannot be used.
    """
    files = spec.split_files()
    found = survey(files, spec, scratch, beam_args)
    names = names_of(found, spec)
    check_ids(files, spec, scratch)
    test, train = (
        read_keys(key_file(scratch, n, TEXTS) for n, file in enumerate(files) if file.split == split)
        for split in ("test", "train")
    )
    leaked = int(np.isin(train, test).sum())
    for line in warnings_of(found, leaked):
        log(line)
    write_bad_rows(found, target, files)
    held = scratch / "held.keys" if leaked else None
    if held:
        test.tofile(held)
    parts = [FilePart(file.split, file, spec, names, held if file.split == "train" else None) for file in files]
    spans = {} if spec.span is None else {"span": spec.span, "window": spec.window}
    return Opened(names, parts, {"bad_rows": found.bad, "leaked_texts": leaked, **spans})


def in_test(text: str, fraction: float) -> bool:
    """Whether a text goes to test: by other bytes of its hash than those that choose validation and the shard."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[16:24], "big") < fraction * 2**64
