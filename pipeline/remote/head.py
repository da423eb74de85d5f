"""The object `root.json`: the one object of a remote pipeline root that changes, always on condition of its version.

It names the manifest, which lists all files of the root, and the process that may write. So a write of a process that
has lost the lease cannot succeed, whenever it arrives: the version is another one by then.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.core.errors import ConfigError
from pipeline.remote.store.bucket import Bucket, Version
from pipeline.storage.owner import Owner

HEAD = "root.json"

FORMAT = 1


@dataclass(frozen=True)
class Holder:
    """The process that may write."""

    token: str
    """A random name of the lease."""
    owner: Mapping[str, str | int | float]
    """The fields of `pipeline.storage.owner.Owner`."""
    space: str
    """The process ids of two containers with one host name say nothing of each other: their space differs."""
    seconds: float
    """For how long another process waits for a change of `root.json` before it takes the lease over."""

    def __str__(self) -> str:
        return f"process {self.owner['pid']} on {self.owner['host']}"

    def dead_here(self) -> bool:
        """Whether it was a process of this host, and has ended. False if that cannot be found out."""
        return self.space == process_space() and not Owner(**self.owner).alive()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Head:
    """The content of `root.json`."""

    id: str
    """A random name of the root. Another one means that the root was deleted and made again."""
    manifest: str = ""
    """The name of the object with the manifest; empty: the root has no files yet."""
    holder: Holder | None = None
    write: str = ""
    """A random name of this write, so that each write changes the version."""

    def encode(self) -> bytes:
        """Returns the JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True).encode()


def process_space() -> str:
    """The name of the space of process ids that this process is in; empty where the system has no such spaces."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


class Register:
    """Reads and swaps `root.json`."""

    def __init__(self, bucket: Bucket) -> None:
        """`bucket`: that of the root."""
        self._bucket = bucket

    def read(self, known: tuple[Head, Version] | None = None) -> tuple[Head, Version] | None:
        """Returns the content and its version; None if the root does not exist. Raises ConfigError if it is foreign.

        `known`: what an earlier call returned. It is returned again if nothing has changed.
        """
        found = self._bucket.read(HEAD, known[1] if known else None)
        if found is None or (known and found[1] == known[1]):
            return known if found else None
        return _decode(found[0], f"{self._bucket.place}/{HEAD}"), found[1]

    def create(self) -> None:
        """Creates the root, unless it exists. Raises ConfigError if the store ignores conditions, as some do."""
        probe = f"probes/{secrets.token_hex(8)}"
        version = self._bucket.create(probe, b"1")
        ignored = version is None or self._bucket.create(probe, b"2") is not None
        ignored = ignored or self._bucket.replace(probe, b"3", version or {}) is None
        ignored = ignored or self._bucket.replace(probe, b"4", version or {}) is not None
        self._bucket.delete([probe])
        if ignored:
            raise ConfigError(
                f"--pipeline_root={self._bucket.place}: the server ignores conditions of writes (If-Match and "
                "If-None-Match), so two hosts could overwrite each other; use a server that has them"
            )
        self._bucket.create(HEAD, Head(secrets.token_hex(8)).encode())

    def swap(self, head: Head, version: Version) -> tuple[Head, Version] | None:
        """Replaces the content. Returns the new one, or None if another process has changed it since `version`."""
        new = replace(head, write=secrets.token_hex(8))
        made = self._bucket.replace(HEAD, new.encode(), version)
        return None if made is None else (new, made)


def _decode(data: bytes, where: str) -> Head:
    try:
        found = json.loads(data)
        if found.pop("format") != FORMAT:
            raise ValueError("another format")
        holder = found.pop("holder")
        return Head(**found, holder=Holder(**holder) if holder else None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{where} was not written by this version of Refit; choose another --pipeline_root"
        ) from error
