"""Predicts the texts of files: splits them into chunks, predicts each, and joins the parts. Imports Beam."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import apache_beam as beam

from components.ingestion.files.pattern import SourceFile
from components.predict.chunks import Part, PredictChunks, counts_path, part_path
from components.predict.layout import Layout
from components.predict.progress import bar_on
from components.predict.request import Request
from components.predict.split import Chunk, Split, read_split, split_file
from components.predict.staging import begin, digest_of, publish, stored
from components.serving.choose import VersionDir
from pipeline.cli.call import Call
from pipeline.console.style import Verbosity
from pipeline.core.errors import DataError
from pipeline.core.progress import Bar, counting, no_bar
from pipeline.execution import signals
from pipeline.execution.data_parallel import beam_pipeline
from pipeline.version import __version__


@dataclass(frozen=True)
class Job:
    """What to do, and where."""

    request: Request
    version: VersionDir
    beam_args: Sequence[str]
    bar: Bar

    def run(self, folder: Path, say: TextIO) -> dict[str, Any]:
        """Predicts, writes the output and returns the counts. `folder`: for unfinished parts."""
        files = stored(self.request.files, folder)
        work = begin(folder, files, self._plan())
        self._split(files, work)
        splits = [read_split(work, number) for number in range(len(files))]
        bad = _check_bad(splits, self.request.max_bad_rows, say)
        layout = self._layout(splits)
        chunks = [Chunk(n, chunk) for n, split in enumerate(splits) for chunk in range(split.chunks)]
        self._predict(splits, chunks, layout, work, say)
        publish(layout.head(), [part_path(work, chunk) for chunk in chunks], folder, self.request.output)
        return {"bad_rows": bad, **_counts([_part(work, chunk) for chunk in chunks])}

    def _plan(self) -> dict[str, object]:
        about, request = self.version.about, self.request
        return {
            "refit": __version__,
            "version": digest_of(about.files),
            "form": request.form,
            "text_column": request.text_column,
            "label_column": request.label_column,
            "reading": [request.reading.encoding, request.reading.quoting, list(request.reading.names)],
            "more_columns": list(request.reading.more),
            "top": request.top,
        }

    def _split(self, files: Sequence[SourceFile], work: Path) -> None:
        request = self.request
        with self._held(), counting(self.bar, None, "rows", "reading"), beam_pipeline(self.beam_args) as pipeline:
            (
                pipeline
                | "Files" >> beam.Create(list(enumerate(files)))
                | "Spread" >> beam.Reshuffle()  # otherwise one worker reads all files
                | "Split" >> beam.Map(split_file, request.text_column, request.reading, work)
            )
        signals.check()

    def _predict(self, splits: list[Split], chunks: list[Chunk], layout: Layout, work: Path, say: TextIO) -> None:
        left = [chunk for chunk in chunks if not counts_path(work, chunk).exists()]
        if left and len(left) < len(chunks):
            print(f"{len(chunks) - len(left):,} of {len(chunks):,} parts are finished; continuing", file=say)
        if not left:
            return
        columns = [[] if split.named else split.columns for split in splits]
        step = PredictChunks(self.version, layout, self.request.label_column, columns, work)
        rows = sum(split.rows for split in splits) * len(left) // len(chunks)
        with self._held(), counting(self.bar, rows, "texts", "predicting"), beam_pipeline(self.beam_args) as pipeline:
            (
                pipeline
                | "Chunks" >> beam.Create([tuple(chunk) for chunk in left])
                | "Spread" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(step)
            )
        signals.check()

    def _layout(self, splits: list[Split]) -> Layout:
        columns = tuple(dict.fromkeys(column for split in splits for column in split.columns))
        labels = len(self.version.about.labels) or self.request.top
        return Layout(self.request.form, columns, min(self.request.top, labels))

    def _held(self) -> Any:
        """In this process the functions look for a signal themselves: an exception would not end Beam's threads."""
        return nullcontext() if self.beam_args else signals.held()


def predict_files(call: Call, request: Request, version: VersionDir, folder: Path, say: TextIO) -> dict[str, Any]:
    """Predicts files and returns the counts. `folder`: for unfinished parts. `say`: the terminal."""
    shows = call.verbosity is not Verbosity.QUIET and say.isatty()
    return Job(request, version, call.beam_options, bar_on(say) if shows else no_bar).run(folder, say)


def _check_bad(splits: list[Split], allowed: int, say: TextIO) -> int:
    """Returns the number of bad rows. Raises DataError if there are more than allowed."""
    bad = sum(split.bad for split in splits)
    first = [line for split in splits for line in split.first]
    listed = "\n  ".join([*first[:5], *(["…"] if bad > 5 else [])])
    rows = f"{bad:,} row{'' if bad == 1 else 's'}"
    if bad > allowed:
        raise DataError(
            f"{rows} cannot be used ({allowed} allowed by --max_bad_rows):\n  {listed}\n"
            "correct or delete them, or skip them with a higher --max_bad_rows"
        )
    if bad:
        print(f"warning: skipped {rows}, which the output does not have:\n  {listed}", file=say)
    return bad


def _part(work: Path, chunk: Chunk) -> Part:
    return Part(**json.loads(counts_path(work, chunk).read_text(encoding="utf-8")))


def _counts(parts: list[Part]) -> dict[str, Any]:
    known, right = sum(part.known for part in parts), sum(part.right for part in parts)
    return {
        "rows": sum(part.rows for part in parts),
        "answered": sum(part.answered for part in parts),
        "known_labels": known,
        "accuracy": right / known if known else None,
    }
