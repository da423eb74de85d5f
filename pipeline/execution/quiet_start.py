"""Ends the process without a traceback if a signal comes while the program is imported. Imports nothing slow."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start(name: str) -> Iterator[None]:
    """Handles Ctrl-C, SIGTERM and SIGHUP during the imports in the block: the exit code is 128 and the signal's number.

    `name`: the `__name__` of the module. The handlers stay after the block if it is the program, which handles signals
    itself a moment later. A signal that is ignored already stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        yield
    finally:
        if name != "__main__":
            for number, handler in before.items():
                signal.signal(number, handler)


def _end(number: int, _frame: object) -> None:
    os._exit(128 + number)  # nothing is open yet; an exception could be caught by an import, or show a traceback
