"""The log file of a run: people's lines, and everybody's noise, which the terminal is spared."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

logger = logging.getLogger("refit")


@contextmanager
def logging_to(log_file: Path, people: TextIO) -> Iterator[TextIO]:
    """Keeps all that is logged or written to stderr in `log_file`; gives where `people` can be written to meanwhile.

    The file descriptor of stderr itself is turned to the file: TensorFlow's C++ writes there, and asks nobody.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    kept = os.dup(2)
    with os.fdopen(os.dup(kept), "w", buffering=1) as terminal, log_file.open("a", buffering=1) as file:
        root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
        stored = logging.StreamHandler(file)
        stored.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.handlers = [stored]
        levels = root.level, logger.level
        root.setLevel(logging.INFO)
        logger.setLevel(logging.DEBUG)
        os.dup2(file.fileno(), 2)
        try:
            yield terminal if people is sys.stderr else people
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            root.handlers = handlers
            root.setLevel(levels[0])
            logger.setLevel(levels[1])
