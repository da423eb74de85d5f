"""Gives the memory of a version that is not used any more back to the operating system."""

import ctypes
import gc


def give_back() -> None:
    """Collects garbage, because a model is a circle of objects, and trims the heap of the C library if it can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim:
        trim(0)
