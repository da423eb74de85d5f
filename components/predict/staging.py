"""The folder next to the output that holds what is finished, so that the same command continues after an interruption.

.out.csv.partial/plan.json            what the output is made of: digests, version and settings
.out.csv.partial/000000.json          what splitting file 0 found
.out.csv.partial/000000-00000000.*    rows of a chunk, then the finished part and its counts
"""

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from components.ingestion.files.pattern import SourceFile
from components.predict.request import STDIN, Request
from pipeline.console.output import Output
from pipeline.core.artifact import sha256_file
from pipeline.core.errors import ConfigError, PipelineError
from pipeline.storage.durable import fsync
from pipeline.storage.locks import lock_if_free

PLAN = "plan.json"
_BLOCK = 1024 * 1024


@contextmanager
def staging(request: Request) -> Iterator[Path]:
    """Yields the folder, which only this process uses. It is deleted after success and after a PipelineError.

    Without an output file it is a temporary folder. Raises ConfigError if another process uses it.
    """
    if request.staging is None:
        with tempfile.TemporaryDirectory(prefix="refit-predict-") as folder:
            yield Path(folder)
        return
    request.staging.mkdir(exist_ok=True)
    with lock_if_free(request.staging / "lock") as free:
        if not free:
            raise ConfigError(f"another process writes {request.output}; wait for it, or name another --output")
        try:
            yield request.staging
        except PipelineError:
            shutil.rmtree(request.staging)
            raise
        shutil.rmtree(request.staging)


def stored(files: tuple[SourceFile, ...], folder: Path) -> tuple[SourceFile, ...]:
    """Returns the files with stdin and pipes replaced by a copy of their content, because files are read twice."""
    return tuple(_copied(file, folder / f"input-{number}") for number, file in enumerate(files))


def _copied(file: SourceFile, target: Path) -> SourceFile:
    is_stdin = str(file.path) == STDIN
    if not is_stdin and stat.S_ISREG(file.path.stat().st_mode):
        return file
    target.mkdir(exist_ok=True)
    path = target / ("stdin" if is_stdin else "pipe")
    with path.open("wb") as copy:
        if is_stdin:
            shutil.copyfileobj(cast(IO[bytes], sys.stdin.buffer), copy, _BLOCK)
        else:
            with file.path.open("rb") as pipe:
                shutil.copyfileobj(pipe, copy, _BLOCK)
    return replace(file, path=path, format="")


def begin(folder: Path, files: tuple[SourceFile, ...], settings: Mapping[str, object]) -> Path:
    """Returns the folder for parts. Deletes the parts of another plan: of other files, settings or versions."""
    work = folder / "work"
    plan = {**settings, "files": [[file.format, sha256_file(file.path)] for file in files]}
    text = json.dumps(plan, indent=2, sort_keys=True) + "\n"
    path = folder / PLAN
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        shutil.rmtree(work, ignore_errors=True)
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        fsync(path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)
    work.mkdir(exist_ok=True)
    return work


def publish(head: bytes, parts: list[Path], folder: Path, output: Path | None) -> None:
    """Writes the head and the parts, in order, to the output in one step; without an output file to stdout."""
    if output is None:
        stdout = cast(Output, sys.stdout)
        stdout.send_bytes(head)
        for part in parts:
            stdout.send_bytes(part.read_bytes())
        return
    complete = folder / "complete"
    with complete.open("wb") as file:
        file.write(head)
        for part in parts:
            with part.open("rb") as content:
                shutil.copyfileobj(content, file, _BLOCK)
        file.flush()
        os.fsync(file.fileno())
    complete.replace(output)
    with suppress(OSError):  # some file systems cannot flush a folder
        fsync(output.parent)


def digest_of(values: Mapping[str, str]) -> str:
    """Returns the SHA-256 of a mapping, in hex."""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()
