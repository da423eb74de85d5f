"""The log file of a run. It also gets the output of libraries, which the terminal does not show."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.console.output import guarded

logger = logging.getLogger("refit")


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
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            root.handlers = handlers
            root.setLevel(levels[0])
            logger.setLevel(levels[1])
