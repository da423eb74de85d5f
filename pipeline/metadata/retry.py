"""Calls ML Metadata with retries, and turns its errors into messages that explain the fix."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.core.errors import PipelineError
from pipeline.storage.durable import full_disk

RETRIES = 8
"""How often a transaction that conflicts with another one is retried: after 0.02 s, 0.04 s and so on."""


class MetadataError(PipelineError):
    """An operation of the metadata database failed."""


class Guarded:
    """An ml_metadata MetadataStore that raises MetadataError, except for AlreadyExistsError, which callers handle.

    After an internal error, such as a lost connection, the store is discarded and opened again, because another call
    on it would abort the process. Then a read is retried. A write is not, because it may have succeeded: the caller
    must find that out.
    """

    def __init__(self, connect: Callable[[], Any], where: object, errors: Any) -> None:
        """Opens the store. `where`: the database's name in messages; `errors`: the module `ml_metadata.errors`."""
        self._connect, self._where, self._errors = connect, where, errors
        self._store = connect()

    def close(self) -> None:
        """Closes the store. The next call opens it again."""
        self._store = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def guarded(*arguments: Any, **named: Any) -> Any:
            for number in range(RETRIES + 1):
                try:
                    if self._store is None:
                        self._store = self._connect()
                    return getattr(self._store, name)(*arguments, **named)
                except self._errors.AbortedError as error:
                    if number == RETRIES:
                        raise failure(self._where, error) from error
                    time.sleep(0.02 * 2**number)
                except self._errors.AlreadyExistsError:
                    raise
                except self._errors.InternalError as error:
                    self._store = None
                    if number or not name.startswith("get_"):
                        raise failure(self._where, error) from error
                except self._errors.StatusError as error:
                    raise failure(self._where, error) from error
            raise AssertionError("the last try returns or raises")

        return guarded


def failure(where: object, error: Exception) -> MetadataError:
    """Converts an error of ml_metadata into the error that the user sees."""
    cause = " ".join(str(error).split())
    if isinstance(where, Path) and "disk is full" in cause:
        return MetadataError(str(full_disk(where.parent)))
    return MetadataError(f"the metadata database {where} failed: {cause[:300]}; run again when the database works")
