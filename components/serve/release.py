"""Gives the memory of a version that is not used any more back to the operating system, without a long pause."""

import ctypes
import gc


def leave_imports_out() -> None:
    """Leaves the objects that exist so far out of later collections of garbage. Call it before a version is loaded.

    A collection stops all threads. TensorFlow and its modules have hundreds of thousands of objects, which stay.
    """
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Collects garbage, because a model is a circle of objects, and trims the heap of the C library if it can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim:
        trim(0)
