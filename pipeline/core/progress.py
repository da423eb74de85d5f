"""How far a long step has come, for whoever waits: a Bar shows it, and who draws a Bar is the screen's affair."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

POLL_SECONDS = 0.2

Update = Callable[[int, str], None]
"""Tells how many units are done, and what is being done."""

Bar = Callable[[int | None, str], AbstractContextManager[Update]]
"""Opens a bar of so many units, named in the plural; None: nobody knows how many there will be."""


@contextmanager
def no_bar(total: int | None, units: str) -> Iterator[Update]:  # noqa: ARG001  # the signature of a Bar
    """Shows nothing."""
    yield lambda *_: None


@contextmanager
def polling(look: Callable[[], None]) -> Iterator[None]:
    """Calls `look` every POLL_SECONDS meanwhile, on a thread: what is watched never has to stop to tell."""
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(POLL_SECONDS):
            look()

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Count:
    def __init__(self) -> None:
        self.done, self.lock = 0, threading.Lock()


_count = _Count()


def advance(units: int = 1) -> None:
    """Says that so many units more are done; called by functions that Beam runs.

    On a remote runner it is another process that counts and nobody looks, for Beam tells of metrics only at the end:
    the person sees the time that passes, and no bar.
    """
    with _count.lock:
        _count.done += units


@contextmanager
def counting(bar: Bar, total: int | None, units: str, what: str) -> Iterator[None]:
    """Shows as a bar what `advance` counts in this process meanwhile. `what`: what is being done."""
    with bar(total, units) as update:
        before = _count.done
        with polling(lambda: update(_count.done - before, what)):
            yield
