"""The interface of a source of labeled texts. Light to import: neither TensorFlow nor Beam."""

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
    """The directories in which a source looks for its data, and whether it may use the network."""

    data_dir: Path
    """TFDS's data directory. It is only read, because it may be shared and read-only."""
    work_dir: Path
    """The directory for downloaded and prepared data; created when needed."""
    offline: bool = False

    def manual(self, archive: str) -> Path:
        """Returns the place where the user may put an archive, following TFDS's convention."""
        return self.data_dir / "downloads" / "manual" / archive

    def find(self, archive: str) -> Path | None:
        """Returns the archive that the user put there or an earlier run downloaded; None if neither exists."""
        return next((path for path in (self.manual(archive), self.work_dir / archive) if path.is_file()), None)


class Part(ABC):
    """A part of a source's split that one worker reads. Can be pickled.

    Not a Protocol, because Beam checks with isinstance that values match their type hints.
    """

    split: str
    """The source's split: train or test."""

    def split_of(self, key: bytes) -> str:  # subclasses may use the key
        """Returns the split of the text with the key `key`: by default the part's own split."""
        return self.split

    @abstractmethod
    def documents(self, source: str, classes: int) -> "Iterator[Document]":
        """Yields its documents in order. Ids begin with `source`; labels are in 0..classes - 1."""


class Source(Protocol):
    """A source of labelled texts: a module with these names, listed in `components.ingestion.sources`."""

    DEFAULTS: Mapping[str, int | str]
    """The settings for which the data set has other defaults, by name."""

    def obstacle(self, places: Places) -> str | None:
        """Returns why `fetch` would fail, without trying it; None if nothing prevents it."""

    def fetch(self, places: Places, log: Log) -> None:
        """Downloads or prepares the data if they are missing. Raises UnavailableError if that is impossible."""

    def files(self, places: Places) -> Mapping[str, Path]:
        """Returns the data files by a name that does not depend on their location. Works before `fetch`, too."""

    def parts(self, places: Places, seed: int, scratch: Path) -> Sequence[Part]:
        """Returns the parts of all splits. `scratch`: an empty directory for prepared files.

        Raises DataError if the data are damaged or are not this source's data.
        """


def document_id(source: str, split: str, position: int) -> str:
    """Returns the id of the document at `position`, from 0. With 8 digits, id order is the source's order."""
    return f"{source}/{split}/{position:08d}"
