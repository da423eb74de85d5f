"""Imports large libraries in less time and memory. Light to import."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder


@contextmanager
def quick_imports(*without: str) -> Iterator[None]:
    """Keeps the garbage collector from all objects of the block, and hides the packages `without` if not yet imported.

    The objects that an import creates stay, and the collector would visit them again and again: 15 % of the time that a
    large library takes to import, and later with each collection. Many libraries import others just to know their types
    if they are installed. They do not find a hidden package, as if it were not installed. After the block it can be
    imported.
    """
    hidden = _Hidden(without)
    enabled = gc.isenabled()
    gc.disable()
    sys.meta_path.insert(0, hidden)
    try:
        yield
    finally:
        sys.meta_path.remove(hidden)
        if enabled:
            gc.freeze()
            gc.enable()


class _Hidden(MetaPathFinder):
    """Python asks it first where a module is. A None in `sys.modules` would break Arrow, which takes it for pandas."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Raises ModuleNotFoundError for a hidden package; None: the next finder is asked."""
        if fullname in self._names:
            raise ModuleNotFoundError(f"No module named '{fullname}': it is hidden here", name=fullname)
