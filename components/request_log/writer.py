"""Writes the log of requests in a separate thread. It never delays an answer, and never makes one fail."""

import queue
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from components.request_log.files import LogFiles
from schemas.contracts.requests import LoggedText

WAITING = 32 * 2**20
"""Bytes of texts that may wait for the thread. More are not logged."""

REQUESTS = 10_000
"""Requests that may wait."""

LONGEST = 256 * 1024
"""Bytes of a line. A longer text is not logged."""

LOGGED, FULL, LONG, FAILED = "logged", "queue_full", "too_long", "failed"
"""What happened to a text that was chosen: FULL: too many wait. FAILED: the file cannot be written."""


@dataclass(frozen=True)
class Answered:
    """The texts of a request that are logged, with their answers."""

    model: str
    version: int
    texts: Sequence[bytes]
    labels: Sequence[str]
    """The most probable label of each text."""
    probabilities: Sequence[float]
    """Its probability."""
    answered: Sequence[bool]
    text_of: Callable[[bytes], bytes] | None = None
    """Returns a text if `texts` are in another form. Called in the thread of the log."""
    by: object = None
    """The version that answered, for `redact`."""
    time: datetime = field(default_factory=lambda: datetime.now(UTC))


Counted = tuple[int, int | None]
"""The words of a text, and those that are not in the vocabulary; None if it is unknown."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is logged."""

    share: float = 1.0
    """The share of texts, chosen at random, 0..1."""
    limit: int
    """Bytes of the log of each model."""
    redact: Callable[[Answered, Sequence[bytes]], list[Counted]] | None = None
    """Counts the words of texts, which are not logged then."""


class RequestLog:
    """A queue of answered requests, and the thread that writes them. Use it from several threads."""

    def __init__(
        self, folder: Path, rules: Rules, count: Callable[[str, str, int], None], log: Callable[[str], None]
    ) -> None:
        """`count`: called with a model, what happened to texts, and their number. `log`: called with errors."""
        self._folder, self._rules, self._count, self._log = folder, rules, count, log
        self._queue: queue.Queue[Answered | None] = queue.Queue(REQUESTS)
        self._waiting, self._lock = 0, threading.Lock()
        self._files: dict[str, LogFiles] = {}
        self._errors: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="request-log", daemon=True)
        self._thread.start()

    def chosen(self, texts: int) -> list[int]:
        """Returns the numbers of the texts of a request that are logged."""
        share = self._rules.share
        return [number for number in range(texts) if share >= 1 or random.random() < share]

    def add(self, request: Answered) -> None:
        """Puts a request into the queue. Drops and counts it if too many wait. Does not wait."""
        size = sum(map(len, request.texts))
        with self._lock:
            fits = self._waiting + size <= WAITING
            self._waiting += size if fits else 0
        try:
            if not fits:
                raise queue.Full
            self._queue.put_nowait(request)
        except queue.Full:
            self._count(request.model, FULL, len(request.texts))
            self._done(size if fits else 0)

    def stop(self) -> None:
        """Writes what waits, and ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while request := self._queue.get():
            try:
                self._write(request)
            except Exception as error:  # whatever happens, answers go on
                self._failed(request, len(request.texts), error)
            self._done(sum(map(len, request.texts)))
        for files in self._files.values():
            files.close()

    def _write(self, request: Answered) -> None:
        files = self._files.get(request.model)
        if files is None:
            files = self._files[request.model] = LogFiles(self._folder / request.model, self._rules.limit)
        lines, size = list[bytes](), 0
        every = [line for line in self._lines(request) if len(line) <= min(LONGEST, files.part)]
        if long := len(request.texts) - len(every):
            self._count(request.model, LONG, long)
        for line in [*every, b""]:
            if lines and (not line or size + len(line) > files.part):
                try:
                    files.append(request.time, b"".join(lines))
                    self._count(request.model, LOGGED, len(lines))
                except OSError as error:
                    self._failed(request, len(lines), error)
                lines, size = [], 0
            lines.append(line)
            size += len(line)

    def _lines(self, request: Answered) -> list[bytes]:
        texts = [request.text_of(text) for text in request.texts] if request.text_of else request.texts
        counted = self._rules.redact(request, texts) if self._rules.redact else [None] * len(texts)
        rows = zip(texts, counted, request.labels, request.probabilities, request.answered, strict=True)
        lines = []
        for text, words, label, probability, answered in rows:
            shown: dict[str, Any] = {"text": text.decode(errors="replace")} if words is None else {"words": words[0]}
            if words is not None and words[1] is not None:
                shown["unknown"] = words[1]
            line = LoggedText(time=request.time, model=request.model, version=request.version, label=label,
                              probability=float(probability), answered=bool(answered), **shown)  # fmt: skip
            lines.append(msgspec.json.encode(line) + b"\n")
        return lines

    def _failed(self, request: Answered, texts: int, error: Exception) -> None:
        self._count(request.model, FAILED, texts)
        why = f"{type(error).__name__}: {error}"
        if why not in self._errors and len(self._errors) < REQUESTS:
            self._errors.add(why)
            self._log(f"ERROR: requests cannot be logged in {self._folder}: {why}; answers go on")

    def _done(self, size: int) -> None:
        with self._lock:
            self._waiting -= size
