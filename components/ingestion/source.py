"""What a source of labelled texts is: a module with these functions. Light to import: neither TensorFlow nor Beam."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schemas.records.examples import Document

Log = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a source looks for its data, and whether it may fetch what is not there."""

    data_dir: Path
    """TFDS's data directory. Only read: it may be shared and read-only."""
    work_dir: Path
    """What is downloaded or prepared goes here; made when needed."""
    offline: bool = False

    def manual(self, archive: str) -> Path:
        """Where an archive is laid by hand, as TFDS has it."""
        return self.data_dir / "downloads" / "manual" / archive

    def find(self, archive: str) -> Path | None:
        """The archive laid by hand or downloaded before; None if there is neither."""
        return next((path for path in (self.manual(archive), self.work_dir / archive) if path.is_file()), None)


class Part(ABC):
    """A piece of a source's split that one worker reads. A value that can be pickled.

    No Protocol: Beam asks of every type hint whether a value is an instance.
    """

    split: str
    """The source's own split: train or test."""

    def split_of(self, digest: bytes) -> str:  # for those that part by content
        """The split of the text whose SHA-256 `digest` is: its own."""
        return self.split

    @abstractmethod
    def documents(self, source: str, classes: int) -> "Iterator[Document]":
        """Yields its documents in order; ids begin with `source`, labels are in 0..classes - 1."""


class Source(Protocol):
    """A source of labelled texts: a module with these names, listed in `components.ingestion.sources`."""

    DEFAULTS: Mapping[str, int]
    """The settings for which the data set has other defaults, by name."""

    def obstacle(self, places: Places) -> str | None:
        """Why `fetch` cannot do it, as far as can be told without trying; None if it may."""

    def fetch(self, places: Places, log: Log) -> None:
        """Brings the data into place if they are not. Raises UnavailableError if that is impossible."""

    def files(self, places: Places) -> Mapping[str, Path]:
        """The data files by a name that does not depend on where they lie. Called after `fetch`, or without it."""

    def parts(self, places: Places, seed: int, scratch: Path) -> Sequence[Part]:
        """The parts of all splits. `scratch`: an empty directory to prepare in.

        Raises DataError if the data are not what they must be.
        """


def document_id(source: str, split: str, position: int) -> str:
    """The id of the document at `position`, from 0, of a source's split; 8 digits keep id order source order."""
    return f"{source}/{split}/{position:08d}"
