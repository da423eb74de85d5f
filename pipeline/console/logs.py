"""The log file of a run. It also gets the output of libraries, which the terminal does not show."""

import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from pipeline.console.output import guarded

logger = logging.getLogger("refit")


LOG = "log: "
"""Where the note of an error begins that names the file with its traceback."""


def log_error(error: OSError, folder: Path | None) -> str:
    """Writes the traceback of an error to a file in `folder`, or in the folder for temporary files. Returns the line
    that names the file. An error that is in a log already is not written again.
    """
    for note in getattr(error, "__notes__", ()):
        if note.startswith(LOG):
            return note
    text = "".join(traceback.format_exception(error))
    for place in filter(None, (folder, Path(tempfile.gettempdir()))):
        with suppress(OSError):
            log_file = place / f"error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
            log_file.write_text(text)
            return f"{LOG}{log_file}"
    return text


@contextmanager
def logging_to(log_file: Path, people: TextIO) -> Iterator[TextIO]:
    """Sends all log records and everything written to stderr to `log_file` during the block.

    Yields a stream for the user: `people`, or the terminal if `people` is stderr. The file descriptor of stderr is
    redirected, because native libraries write to the descriptor and not to `sys.stderr`.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    original = os.dup(2)
    with os.fdopen(os.dup(original), "w", buffering=1) as terminal, log_file.open("a", buffering=1) as file:
        root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
        to_file = logging.StreamHandler(guarded(file))
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.handlers = [to_file]
        levels = root.level, logger.level
        root.setLevel(logging.INFO)
        logger.setLevel(logging.DEBUG)
        os.dup2(file.fileno(), 2)
        try:
            yield guarded(terminal) if people is sys.stderr else people
        except OSError as error:
            logger.error("an unexpected error", exc_info=True)
            error.add_note(f"{LOG}{log_file}")
            raise
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            root.handlers = handlers
            root.setLevel(levels[0])
            logger.setLevel(levels[1])
