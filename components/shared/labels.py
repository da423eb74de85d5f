"""The labels of a model: its classes, and those that it saw examples of. Light to import."""

from dataclasses import dataclass

from pipeline.core.errors import DataError
from schemas.artifacts.model import Model
from schemas.contracts.encode import read
from schemas.contracts.training import ServingAbout


@dataclass(frozen=True)
class Labels:
    """The names of a model's classes, in label order."""

    names: tuple[str, ...]
    untrained: frozenset[str] = frozenset()
    """Classes without a training example. The model has them and cannot predict them."""

    @classmethod
    def of(cls, model: Model) -> "Labels":
        """Reads the labels from the files of a Model artifact. Raises DataError if they cannot be read."""
        path = model.path / ServingAbout.FILE
        try:
            about = read(ServingAbout, path)
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}; train the model again") from error
        return cls(about.topics, frozenset(about.untrained or ()))

    @property
    def known(self) -> frozenset[str]:
        """The labels that it was trained to predict."""
        return frozenset(self.names) - self.untrained

    def with_(self, other: "Labels") -> tuple[str, ...]:
        """Returns these names, followed by those that only `other` has."""
        return (*self.names, *(name for name in other.names if name not in self.names))

    def missing_in(self, other: "Labels") -> tuple[str, ...]:
        """Returns the known labels that `other` does not know, in order."""
        return tuple(name for name in self.names if name in self.known - other.known)
