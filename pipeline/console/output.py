"""Standard output and standard error during a command: what cannot be shown never stops the command.

Everything that a command prints goes through these streams. They escape control characters, so that a text or a label
cannot move the cursor or hide lines. A write that fails is remembered, and later writes are dropped.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# C0 and C1 except tab and newline, line separators, and the marks that reverse the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Returns the text with control characters as escapes: `\\x1b` in four characters."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class Output:
    """A stream for the user. `lost`: the first error of a write; after it, everything is dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost: OSError | None = None
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # characters that the encoding of the terminal does not have

    def write(self, text: str) -> int:
        """Writes text whose control characters are escaped."""
        self.send(visible(text))
        return len(text)

    def send(self, text: str) -> None:
        """Writes text without a change, such as the colors of a table."""
        with self._remembered():
            self._stream.write(text)

    def send_bytes(self, data: bytes) -> None:
        """Writes bytes without a change, such as those of a file."""
        with self._remembered():
            self._stream.flush()
            self._stream.buffer.write(data)

    def flush(self) -> None:
        with self._remembered():
            self._stream.flush()

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = self.lost or error
            self._discard_the_rest()

    def _discard_the_rest(self) -> None:
        """Lets Python write to nowhere what is still in its buffer. Otherwise it fails again when it exits."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def guarded(stream: TextIO) -> TextIO:
    """Returns the stream as an Output."""
    return stream if isinstance(stream, Output) else cast(TextIO, Output(stream))


@contextmanager
def guarded_streams() -> Iterator[Output]:
    """Makes `sys.stdout` and `sys.stderr` an Output during the block. Yields the one for stdout."""
    _reserve_descriptors()
    before = sys.stdout, sys.stderr
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name) or os.fdopen(number, "w", closefd=False)  # None: closed before Python started
        setattr(sys, name, guarded(stream))
    try:
        yield cast(Output, sys.stdout)
        sys.stdout.flush()
    finally:
        sys.stdout, sys.stderr = before


def _reserve_descriptors() -> None:
    """Opens the null device as each of stdin, stdout and stderr that is closed.

    Otherwise the next file that is opened, for example the database, gets its number, and libraries print into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)


@dataclass(frozen=True)
class _Colored:
    """The file of a Terminal, which escapes texts itself and then adds colors."""

    stream: TextIO

    def write(self, text: str) -> None:
        if isinstance(self.stream, Output):
            self.stream.send(text)
        else:
            self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class Terminal(Console):
    """A console of rich for tables and colors. It escapes control characters in all texts."""

    def __init__(self, stream: TextIO, **options: Any) -> None:
        super().__init__(file=cast(IO[str], _Colored(stream)), highlight=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
