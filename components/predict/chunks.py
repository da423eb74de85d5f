"""A Beam function that predicts chunks of rows and writes them as parts of the output. Imports TensorFlow and Beam."""

import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import apache_beam as beam
import numpy as np

from components.ingestion.files.labels import label_ids
from components.predict.layout import Column, Layout, Values
from components.predict.split import Chunk, rows_path
from components.serving.choose import VersionDir
from components.serving.predictions import Predictions
from components.serving.served_model import BATCH, ServedModel
from components.shared import determinism
from components.shared.freed_memory import keep_freed_memory
from pipeline.core.progress import advance
from pipeline.execution import signals
from pipeline.storage.durable import fsync
from schemas.records.spills import read_spill


@dataclass(frozen=True)
class Part:
    """The counts of a finished part. Its file shows that the part is complete."""

    rows: int
    answered: int
    known: int
    """The rows whose label is a label of the model."""
    right: int
    """Those of them that the model predicts."""


class PredictChunks(beam.DoFn):
    """Predicts chunks, two at a time: while TensorFlow works on one, Python reads and writes the other."""

    def __init__(self, version: VersionDir, layout: Layout, label: str, splits: list[list[Column]], work: Path) -> None:
        """`label`: the column to compare with. `splits`: the columns of each file; of a file with named rows: none."""
        self.version, self.layout, self.label, self.splits, self.work = version, layout, label, splits, work

    def setup(self) -> None:
        determinism.configure()
        keep_freed_memory()
        self.model = ServedModel.load(self.version)
        self.pool = ThreadPoolExecutor(determinism.THREADS)

    def start_bundle(self) -> None:
        self.waiting: deque[Future[None]] = deque()

    def process(self, chunk: tuple[int, int]) -> None:
        if signals.received():  # what is finished stays, and the command ends soon
            return
        self.waiting.append(self.pool.submit(self._predict, Chunk(*chunk)))
        if len(self.waiting) > determinism.THREADS:
            self.waiting.popleft().result()

    def finish_bundle(self) -> None:
        while self.waiting:
            self.waiting.popleft().result()

    def teardown(self) -> None:
        self.pool.shutdown()

    def _predict(self, chunk: Chunk) -> None:
        if signals.received():
            return
        texts, values = zip(*read_spill(rows_path(self.work, chunk)), strict=True)
        # Batches of one size give the bits of the evaluation, also on processors where bits depend on the size.
        filling = "" if isinstance(texts[0], str) else texts[0]
        found = self.model.predict([*texts, *[filling] * (-len(texts) % BATCH)])[: len(texts)]
        columns = self.splits[chunk.file]
        path = part_path(self.work, chunk)
        path.write_bytes(self.layout.rows(columns, values, found))
        fsync(path)
        part = Part(len(texts), int(found.answered.sum()), *self._compared(columns, values, found))
        counts = counts_path(self.work, chunk)
        counts.with_suffix(".new").write_text(json.dumps(asdict(part)), encoding="utf-8")
        fsync(counts.with_suffix(".new"))
        counts.with_suffix(".new").replace(counts)
        rows_path(self.work, chunk).unlink()
        advance(len(texts))

    def _compared(self, columns: list[Column], values: tuple[Values, ...], found: Predictions) -> tuple[int, int]:
        if columns:
            at = columns.index((self.label, 1)) if (self.label, 1) in columns else None
            labels = ["" if at is None else row[at] for row in values]  # type: ignore[index]
        else:
            labels = [row.get(self.label, "") for row in values]  # type: ignore[union-attr]
        ids = label_ids(found.labels)
        given = np.asarray([ids.get(str(label).strip(), -1) for label in labels])
        return int((given >= 0).sum()), int((given == found.probabilities.argmax(axis=1)).sum())


def part_path(work: Path, chunk: Chunk) -> Path:
    """The file with the rows of a chunk in the form of the output."""
    return work / f"{chunk.name}.part"


def counts_path(work: Path, chunk: Chunk) -> Path:
    """The file with the Part of a chunk."""
    return work / f"{chunk.name}.counts"
