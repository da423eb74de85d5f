"""Reads and writes the objects of a remote pipeline root. The only user of the library `obstore`.

`obstore` has conditional writes for S3 and Google Cloud Storage alike. The protocol needs nothing else of a store.
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.remote.store.failures import MissingError, StoreError, describe
from pipeline.remote.store.place import EXTRAS, RemotePlace

CONNECT_SECONDS, ANSWER_SECONDS, RETRY_SECONDS = 4, 6, 8
"""A wrong address must give an error in 15 seconds: at most two tries of connecting or answering."""

STALL_SECONDS, TRANSFER_SECONDS = 30, 6 * 3600
"""When a transfer of a file fails: after so long without a byte, or in all."""

Version = dict[str, str]
"""What identifies the content of an object: its ETag on S3, its generation on Google Cloud Storage."""


class Bucket:
    """The objects of a remote pipeline root. Each method raises StoreError if the store does not answer or refuses."""

    def __init__(self, place: RemotePlace) -> None:
        """Uses no network. Raises ConfigError if the library for the scheme is not installed."""
        self.place = place
        if importlib.util.find_spec("obstore") is None:
            raise ConfigError(
                f"--pipeline_root={place} needs a library that is not installed; "
                f"run pip install 'refit[{EXTRAS[place.scheme]}]'"
            )
        import obstore

        self._library = obstore

    def read(self, key: str, known: Version | None = None) -> tuple[bytes, Version] | None:
        """Returns the content of a small object and its version, or None if it does not exist.

        `known`: a version whose content the caller has. If it is still the version, the content is empty.
        """
        from obstore.exceptions import NotModifiedError

        condition: Any = {"if_none_match": known["e_tag"]} if known and "e_tag" in known else {}
        with self._errors():
            try:
                found = self._library.get(self._small, key, options=condition)
                return bytes(found.bytes()), _version(found.meta)
            except NotModifiedError:
                return b"", known or {}
            except FileNotFoundError as error:
                if "<Code>NoSuchKey</Code>" in str(error):
                    return None
                raise

    def create(self, key: str, data: bytes) -> Version | None:
        """Writes an object if none exists under that name; else returns None."""
        return self._put_if(key, data, "create")

    def replace(self, key: str, data: bytes, version: Version) -> Version | None:
        """Writes an object if its version is `version`; else returns None."""
        return self._put_if(key, data, version)

    def _put_if(self, key: str, data: bytes, mode: Any) -> Version | None:
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._errors():
            try:
                return _version(self._library.put(self._small, key, data, mode=mode, use_multipart=False))
            except (AlreadyExistsError, PreconditionError):
                return None

    def upload(self, key: str, source: Path | bytes) -> None:
        """Writes an object from a file."""
        with self._errors():
            self._library.put(self._large, key, source)

    def download(self, key: str, target: Path) -> str:
        """Writes an object into a file. Returns its SHA-256."""
        digest = hashlib.sha256()
        with self._errors(), target.open("wb") as file:
            for chunk in self._library.get(self._large, key).stream(min_chunk_size=2**20):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def delete(self, keys: Sequence[str]) -> None:
        """Deletes objects. One that does not exist is no error."""
        with self._errors():
            if keys:
                self._library.delete(self._large, list(keys))

    def keys(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yields the name and the size of each object in a folder."""
        with self._errors():
            for chunk in self._library.list(self._large, prefix=prefix):
                yield from ((entry["path"], entry["size"]) for entry in chunk)

    @cached_property
    def _small(self) -> Any:
        """For requests with a few bytes, which a person or a lease waits for."""
        return self._open(timeout=timedelta(seconds=ANSWER_SECONDS), retries=1)

    @cached_property
    def _large(self) -> Any:
        return self._open(
            timeout=timedelta(seconds=TRANSFER_SECONDS), read_timeout=timedelta(seconds=STALL_SECONDS), retries=2
        )

    def _open(self, retries: int, **more: Any) -> Any:
        from obstore import store

        from_url: Any = store.from_url
        plain = self.place.endpoint.startswith("http://")
        options = {"connect_timeout": timedelta(seconds=CONNECT_SECONDS), "allow_http": plain, **more}
        retry = {"max_retries": retries, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}
        with self._errors():
            return from_url(str(self.place), client_options=options, retry_config=retry, **_settings(self.place))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turns errors of the library into StoreError. Errors of local files pass."""
        try:
            yield
        except FileNotFoundError as error:
            if error.filename is not None:
                raise
            if "<Code>NoSuchKey</Code>" in str(error):
                raise MissingError(f"{self.place}: an object was deleted during the read; run again") from None
            raise StoreError(describe(self.place, error)) from None
        except Exception as error:
            if isinstance(error, OSError | StoreError):
                raise
            raise StoreError(describe(self.place, error)) from None  # its text may have parts of credentials


def _settings(place: RemotePlace) -> dict[str, Any]:
    """The address, and the credentials that the library does not find itself: those of boto3 and its profiles."""
    if place.scheme == "gs":
        return {"base_url": place.endpoint} if place.endpoint else {}
    found: dict[str, Any] = {"endpoint": place.endpoint} if place.endpoint else {}
    given = os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_SKIP_SIGNATURE")
    if not given and importlib.util.find_spec("boto3") is not None:
        found["credential_provider"] = _boto3_credentials()
    return found


def _boto3_credentials() -> Callable[[], Any]:
    import boto3
    from obstore.auth.boto3 import Boto3CredentialProvider

    session = boto3.Session()
    if session.get_credentials() is None:
        raise LookupError("NoCredentials")
    return Boto3CredentialProvider(session)


def _version(found: Any) -> Version:
    return {name: found[name] for name in ("e_tag", "version") if found.get(name)}
