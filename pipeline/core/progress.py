"""Progress of a long step. A component reports it to a Bar; the screen decides how to draw the Bar."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

POLL_SECONDS = 0.2
"""Seconds between two looks at a counter."""

Update = Callable[[int, str], None]
"""Reports how many units are done, and what the step is doing."""

Bar = Callable[[int | None, str], AbstractContextManager[Update]]
"""Opens a bar for a total number of units, and the plural name of the unit. None: the total is not known."""


@contextmanager
def no_bar(total: int | None, units: str) -> Iterator[Update]:  # noqa: ARG001  # the signature of a Bar
    """Shows nothing."""
    yield lambda *_: None


@contextmanager
def polling(look: Callable[[], None]) -> Iterator[None]:
    """Calls `look` every POLL_SECONDS during the block, on a thread, so that the work itself need not report."""
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
    """Adds `units` to the number of units that are done. Functions that Beam runs call it.

    On a remote runner the counter is in another process, so the bar does not move: the user sees the elapsed time only.
    """
    with _count.lock:
        _count.done += units


@contextmanager
def counting(bar: Bar, total: int | None, units: str, what: str) -> Iterator[None]:
    """Shows a bar of the units that `advance` counts in this process during the block. `what`: what the step does."""
    with bar(total, units) as update:
        before = _count.done
        with polling(lambda: update(_count.done - before, what)):
            yield
