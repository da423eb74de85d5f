"""Pauses Python's garbage collector. Light to import."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Collects no garbage during the block, which imports large libraries.

    The objects that an import creates stay, and the collector would visit them again and again: 15 % of the time that a
    large library takes to import.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
