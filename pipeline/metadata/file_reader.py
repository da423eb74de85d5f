"""Reads a metadata file where it is, for as long as no process writes to it, and then a copy of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.metadata.connect import connect
from pipeline.metadata.retry import Guarded, MetadataError
from pipeline.metadata.sqlite_file import is_complete, state_of


class FileReader:
    """An ml_metadata MetadataStore that only reads, and writes nothing next to the file.

    SQLite writes there even when it only reads, except if it is told that the file does not change. The state of the
    file shows after each read whether this was true. If not, the read is repeated on a copy, as are all later ones.
    """

    def __init__(self, place: Path, copy: Callable[[], Any], errors: Any) -> None:
        """Opens the file. `copy`: returns the store of a copy; `errors`: the module `ml_metadata.errors`."""
        self._place, self._copy, self._state = place, copy, state_of(place)
        self._store = None
        if is_complete(place):
            self._store = self._unless_changed(lambda: Guarded(partial(connect, place, unchanging=True), place, errors))
        self._in_place = self._store is not None
        if not self._in_place:
            self._store = copy()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def read(*arguments: Any, **named: Any) -> Any:
            if self._in_place:
                found = self._unless_changed(lambda: [getattr(self._store, name)(*arguments, **named)])
                if found:
                    return found[0]
                self._store, self._in_place = self._copy(), False
            return getattr(self._store, name)(*arguments, **named)

        return read

    def _unless_changed(self, work: Callable[[], Any]) -> Any:
        """Returns what `work` returns, or None if the file has changed since it was opened, whatever happened then."""
        try:
            found = work()
        except MetadataError:
            if state_of(self._place) == self._state:
                raise
            return None
        return found if state_of(self._place) == self._state else None
