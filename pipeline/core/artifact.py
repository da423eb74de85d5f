"""What components hand to each other: an Artifact is a directory with properties, a Channel the promise of one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

Scalar = int | float | str


class Artifact:
    """A directory of files and the scalar properties that describe it.

    Whoever produces it fills both; once published neither changes. Subclasses name their ML Metadata type and say
    what in their files is content.
    """

    TYPE_NAME: ClassVar[str] = "Artifact"

    PORTABLE: ClassVar[bool] = True
    """Whether another class of machine makes the same content; floating-point results may differ in the last bits."""

    def __init__(self, path: Path, properties: Mapping[str, Scalar] | None = None, digest: str = "") -> None:
        """`digest`: sha256 hex of the content; empty while the artifact is being written."""
        self.path = path
        self.properties: dict[str, Scalar] = dict(properties or {})
        self.digest = digest

    def digest_file(self, relative: str) -> str | None:
        """The sha256 hex of the content of one of its files, or None for a file that is not content.

        Clock times, latencies and the like differ between two runs that did the same; a file of them is not content.
        """
        return sha256_file(self.path / relative)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"


A = TypeVar("A", bound=Artifact)


@dataclass(frozen=True)
class Channel(Generic[A]):
    """Output `key` of the component named `producer`.

    A value and never an identity: two equal channels are one, also after pickling.
    """

    type: type[A]
    producer: str
    key: str

    def __str__(self) -> str:
        return f"{self.producer}.{self.key}"


def sha256_file(path: Path) -> str:
    """The sha256 hex of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
