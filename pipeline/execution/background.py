"""Runs a function on a background thread. This saves time if the function releases the GIL."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WAITING = 2
"""How many items are read in advance: one in progress and one ready."""

T = TypeVar("T")
R = TypeVar("R")


def map_in_background(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Works like `map`, but calls `function` on a thread, while the caller produces items and uses results."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
