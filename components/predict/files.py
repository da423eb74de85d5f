"""Predicts the texts of files: splits them into chunks, predicts each, and joins the parts. Imports Beam."""

import json
import shlex
import sys
import time
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
from components.predict.staging import begin, digest_of, publish, staging, stored
from components.serving.choose import VersionDir
from pipeline.cli.call import Call
from pipeline.console.logs import logging_to
from pipeline.console.style import Verbosity
from pipeline.core.errors import DataError, PipelineError
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
        """In this process the functions look for a signal themselves: an exception in Beam would not end its threads."""
        return nullcontext() if self.beam_args else signals.held()


def predict_files(call: Call, request: Request, version: VersionDir) -> int:
    """Predicts files and prints a line with the counts, or with `--json` an object."""
    clock = time.monotonic()
    quiet = call.verbosity is Verbosity.QUIET
    with staging(request) as folder:
        log = folder / "log"
        with logging_to(log, sys.stderr) as terminal:
            bar = no_bar if quiet or not terminal.isatty() else bar_on(terminal)
            try:
                job = Job(request, version, shlex.split(call.beam_args), bar)
                found = job.run(folder, terminal)
            except BaseException as error:
                _explain(error, call, request, terminal)
                raise
    seconds = time.monotonic() - clock
    _report(call, request, version, found, seconds)
    return 0


def _explain(error: BaseException, call: Call, request: Request, say: TextIO) -> None:
    """Says how to continue; raises KeyboardInterrupt if a signal was the cause, whatever a library made of it."""
    if isinstance(error, PipelineError):
        return
    if request.output:
        print(f"the finished parts are in {request.staging}\nresume: {call.again}", file=say)
    if signals.received() and not isinstance(error, KeyboardInterrupt):
        raise KeyboardInterrupt from error


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


def _report(call: Call, request: Request, version: VersionDir, found: dict[str, Any], seconds: float) -> None:
    about, output = version.about, str(request.output) if request.output else None
    if call.json and output:
        named = {"model": about.model, "version": about.version, "output": output}
        print(json.dumps({**named, **found, "seconds": seconds}))
    if call.json or call.verbosity is Verbosity.QUIET:
        return
    stream = sys.stdout if output else sys.stderr
    share = f", {100 * found['answered'] / found['rows']:.1f} % answered" if found["rows"] else ""
    compared = (
        f", accuracy {found['accuracy']:.4f} on {found['known_labels']:,} of them" if found["known_labels"] else ""
    )
    print(f"{found['rows']:,} texts{share}{compared}: {about.model} version {about.version}", file=stream)
    if output:
        print(output, file=stream)
