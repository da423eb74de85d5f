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

    SQLite creates files next to a database even to read it, unless it is told that the database does not change. This
    may turn out wrong. So the size and the time of the file are compared after each read. If they have changed, the
    read is repeated on a copy, and all later reads use the copy.
    """

    def __init__(self, place: Path, copy: Callable[[], Any], errors: Any) -> None:
        """Opens the file. `copy`: returns the store of a copy; `errors`: the module `ml_metadata.errors`."""
        self._place, self._copy, self._errors = place, copy, errors
        self._state, self._in_place = state_of(place), is_complete(place)
        self._store = None if self._in_place else copy()
        self._read(lambda _store: None)  # fails here if it cannot be opened

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **named: self._read(lambda store: getattr(store, name)(*arguments, **named))

    def _read(self, work: Callable[[Any], Any]) -> Any:
        """Calls `work` with the store, and again with that of a copy if the file has changed since it was opened."""
        if self._in_place:
            try:
                if self._store is None:
                    self._store = Guarded(partial(connect, self._place, unchanging=True), self._place, self._errors)
                found = work(self._store)
            except MetadataError:
                if state_of(self._place) == self._state:
                    raise
            else:
                if state_of(self._place) == self._state:
                    return found
            self._store, self._in_place = self._copy(), False
        return work(self._store)
