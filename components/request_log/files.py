"""Appends lines to the log of requests. A line is in a file completely or not at all, also on a full disk."""

import errno
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from components.request_log.segments import OPEN, compress, open_segment, segments, shrink

PARTS = 16
"""A file has at most this part of all bytes of a log, so that deleting the oldest one deletes little."""

LARGEST = 16 * 2**20
"""Bytes of a file, at most."""


class LogFiles:
    """The files of one model's log that a server writes. Not for several threads."""

    def __init__(self, folder: Path, limit: int) -> None:
        """`limit`: bytes of all files of the log."""
        self._folder, self._limit, self.part = folder, limit, min(LARGEST, limit // PARTS)
        self._descriptor: int | None = None
        self._size, self._day = 0, ""

    def append(self, time: datetime, lines: bytes) -> None:
        """Appends complete lines, at most `part` bytes. Raises OSError if that fails; they are not in the file then."""
        day = f"{time:%Y-%m-%d}"
        if self._descriptor is not None and (day != self._day or self._size + len(lines) > self.part):
            self.close()
        if self._descriptor is None:
            self._descriptor = self._open(time)
            self._size, self._day = 0, day
        try:
            if os.write(self._descriptor, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # a write is short only then
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(lines)

    def close(self) -> None:
        """Ends the file, and tidies up. Raises no OSError: complete lines are in the file in every case."""
        if self._descriptor is None:
            return
        with suppress(OSError):
            os.fsync(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None
        with suppress(OSError):
            self._tidy()

    def _open(self, time: datetime) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            self._tidy()
        return open_segment(self._folder, time)

    def _tidy(self) -> None:
        """Deletes the oldest files if all are too large together. Compresses those that no server appends to."""
        most = self._limit - 2 * self.part  # one part to write, one to compress
        shrink(self._folder, most)
        for path in segments(self._folder):  # also of a server that was killed
            if path.name.endswith(OPEN):
                compress(path)
        shrink(self._folder, most)
