"""Keeps freed memory for the next arrays, in a process that needs arrays of the same large sizes again and again."""

import ctypes

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""The parameters of `mallopt(3)` that decide when memory is returned to the system."""

LARGEST = 2**31 - 1
PAD = 2**28
"""Bytes that are requested at a time: fewer requests than with the arrays' own sizes."""


def keep_freed_memory() -> None:
    """Does not return freed memory to the system from now on.

    glibc returns every array of 32 MiB or more. The system then clears each page of the next one: a third of the
    processor time of predictions. Does nothing where the C library has no `mallopt`, as on macOS.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in ((MMAP_MAX, 0), (TRIM_THRESHOLD, LARGEST), (TOP_PAD, PAD)):
            mallopt(parameter, value)
