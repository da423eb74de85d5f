"""Work that leaves Python's lock, done on a thread beside whoever waits for it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WAITING = 2
"""Items that are taken ahead of the one that is waited for: one to work on, and one that is ready."""

T = TypeVar("T")
R = TypeVar("R")


def map_ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`map`, in order, whose function works on a thread of its own while the caller makes items and uses results."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
