"""Opens the record of a place, to write to it or only to read."""

import atexit
from functools import partial
from pathlib import Path
from typing import Any

from ml_metadata import errors

from pipeline.metadata.file_reader import FileReader
from pipeline.metadata.sqlite_file import copy_of
from pipeline.metadata.store import MlmdStore
from pipeline.storage.database_url import Place

_opened: dict[Place, MlmdStore] = {}


def open_store(place: Place) -> MlmdStore:
    """Returns the store of a place. It is opened once in a process, and closed when the process ends."""
    if place not in _opened:
        _opened[place] = MlmdStore(place)
    return _opened[place]


@atexit.register
def _close() -> None:
    """Closes the stores, so that SQLite moves its log into the file and deletes it. Python ends without doing it."""
    for store in _opened.values():
        store.close()


def open_for_reading(place: Place) -> MlmdStore:
    """Returns the store of a place, or an empty store in memory if the file does not exist. Writes nothing there."""
    if not isinstance(place, Path) or place in _opened:
        return open_store(place)
    if not place.is_file():
        return MlmdStore(None)
    return MlmdStore(None, FileReader(place, partial(_copy, place), errors))


def _copy(place: Path) -> Any:
    """Returns the ml_metadata store of a copy. If this process writes to the file, copying would release its locks."""
    return open_store(place if place in _opened else copy_of(place))._store
