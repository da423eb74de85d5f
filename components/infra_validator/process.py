"""Starts the isolated process that serves a model, and collects its answers. Does not import TensorFlow."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.infra_validator import isolated_server
from components.serving.columns import ONE_TEXT, Columns
from schemas.contracts.infra import ServingCheck

if TYPE_CHECKING:  # it imports TensorFlow, and the process starts before that
    from components.infra_validator.texts import Batch

PATIENCE = 600
"""Seconds to wait for the process to finish. It usually takes five."""


@dataclass(frozen=True)
class ServingResult:
    """The result of serving the batches."""

    loaded: ServingCheck
    signatures: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    answers: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    """By `<batch>/<signature>/<output>`. A failed batch has `error` instead of outputs."""
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """Latency and memory in words, for the log."""
        if not self.measured:
            return ""
        p50, p99 = self.measured["one_text_p50_ms"], self.measured["one_text_p99_ms"]
        return f"; one text in {p50:.1f} ms (p99 {p99:.1f}), {self.measured['peak_memory_mb']:,.0f} MB at most"


class ServingProcess:
    """A process that imports TensorFlow, and then serves one model. It is killed at the end of the block."""

    def __init__(self) -> None:
        # Isolated (-I): Python ignores PYTHONPATH and the working directory when it imports.
        command = [sys.executable, "-I", str(Path(isolated_server.__file__)), str(os.getpid())]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
        self._answers = Path()

    def load(self, serving: Path) -> None:
        """Begins to load a SavedModel."""
        self._send(str(serving))

    def serve(self, batches: Sequence["Batch"], scratch: Path, columns: Columns = ONE_TEXT) -> None:
        """Begins to serve. `scratch`: a directory for files that the processes exchange."""
        self._answers = scratch / "answers.npz"
        texts = scratch / "batches.json"
        given = [
            {"inputs": batch.inputs(columns), "examples": [b64encode(one).decode() for one in batch.examples()]}
            for batch in batches
        ]
        texts.write_text(json.dumps(given), encoding="utf-8")
        self._send([str(texts), str(self._answers)])

    def _send(self, message: object) -> None:
        with suppress(BrokenPipeError):  # the process has ended: `finish` returns why
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def __enter__(self) -> "ServingProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def finish(self) -> ServingResult:
        """Lets the process measure latency while this process is idle, and returns the result."""
        try:
            out, err = self._process.communicate("\n", timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return ServingResult(
                ServingCheck("load", False, f"it did not answer within {PATIENCE} s in a process of its own")
            )
        code = self._process.returncode
        if code:
            lines = err.strip().splitlines() or ["it said nothing"]
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            return ServingResult(
                ServingCheck("load", False, f"it cannot be served by TensorFlow alone: {lines[-1]} ({how})")
            )
        report = json.loads(out)
        with np.load(self._answers) as file:
            answers = {name: file[name] for name in file.files}
        loaded = ServingCheck("load", True, "loaded and served by TensorFlow alone")
        return ServingResult(loaded, report["signatures"], answers, report["measured"])
