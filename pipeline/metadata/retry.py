"""Calls to ML Metadata with its errors told: tried again where that helps, else a message to act on."""

import time
from collections.abc import Callable
from typing import Any

from pipeline.core.errors import PipelineError

RETRIES = 8
"""A transaction that lost against another one is tried again so often, after 0.02 s, 0.04 s and so on."""


class MetadataError(PipelineError):
    """The metadata database does not do what it was asked."""


class Guarded:
    """An ml_metadata MetadataStore whose failures are MetadataErrors; what exists already stays its own error.

    After an internal error, such as a connection that was lost, the store is dropped and opened anew: to go on with the
    old one ends the process. What only reads is then asked again; whether what was to be written is written is not
    known, and that is the caller's to find out.
    """

    def __init__(self, connect: Callable[[], Any], where: object, errors: Any) -> None:
        """`where`: what the database is called in messages; `errors`: ml_metadata's module of them."""
        self._connect, self._where, self._errors = connect, where, errors
        self._store = connect()

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
    """The error to show for one of ml_metadata's."""
    cause = " ".join(str(error).split())
    return MetadataError(f"the metadata database {where} failed: {cause[:300]}; once it works, run again")
