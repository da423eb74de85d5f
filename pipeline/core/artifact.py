"""Artifacts and channels: the data that components exchange.

An Artifact is a directory of files with properties. A Channel stands for an artifact that a component will produce.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar, get_args

Scalar = int | float | str


class Artifact:
    """A directory of files and the scalar properties that describe it.

    The component that produces it writes both. After publishing, neither changes. Subclasses name their ML Metadata
    type and define which of their files are content.
    """

    TYPE_NAME: ClassVar[str] = "Artifact"

    DECLARED: ClassVar[Mapping[str, type[int] | type[str]]] = {}
    """The properties that its ML Metadata type declares, with their types, because other tools read them there.

    An artifact need not have all of them. It may also have others.
    """

    PORTABLE: ClassVar[bool] = True
    """Whether another class of machine produces the same content.

    False for floating-point results: they may differ in the last bits.
    """

    def __init__(self, path: Path, properties: Mapping[str, Scalar] | None = None, digest: str = "") -> None:
        """Describes the artifact in `path`. `digest`: SHA-256 of the content in hex; empty until it is written."""
        self.path = path
        self.properties: dict[str, Scalar] = dict(properties or {})
        self.digest = digest

    def described(self) -> dict[str, Scalar]:
        """Returns the properties to record: those that the component sets. A subclass adds what the files show."""
        return dict(self.properties)

    def outdated(self) -> str | None:
        """Returns why this version of the program cannot use the artifact of an earlier version; None if it can."""
        return None

    def digest_file(self, relative: str) -> str | None:
        """Returns the SHA-256 of one file's content in hex, or None if the file is not content.

        A file of clock times or latencies is not content, because it differs between two equal runs.
        """
        return sha256_file(self.path / relative)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"


A = TypeVar("A", bound=Artifact)


@dataclass(frozen=True)
class Channel(Generic[A]):
    """Output `key` of the component named `producer`.

    Channels are compared by value, so that a channel still equals itself after pickling.
    """

    type: type[A]
    producer: str
    key: str

    def __str__(self) -> str:
        return f"{self.producer}.{self.key}"


def channel_type(hint: object) -> type[Artifact] | None:
    """The type of artifact in `Channel[T]` or `Channel[T] | None`; None if the type hint is not one of a channel."""
    options = (option for option in (hint, *get_args(hint)) if getattr(option, "__origin__", None) is Channel)
    return next((get_args(channel)[0] for channel in options), None)


def sha256_file(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
