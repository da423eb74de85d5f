"""What is served, read from the folder that it is served from. Light to import.

<serving>/<model>/CURRENT          the number of the version in use
<serving>/<model>/serving.config   the same for TensorFlow Serving (--model_config_file)
<serving>/<model>/<version>/       a SavedModel, and `version.json`: what it is, and the sha256 of each of its files
"""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import sha256_file
from pipeline.core.errors import DataError
from schemas.contracts.encode import read
from schemas.contracts.push import Version

CURRENT, CONFIG, SAVED_MODEL = "CURRENT", "serving.config", "saved_model.pb"


@dataclass(frozen=True)
class ModelDir:
    """The versions of one model: `<serving>/<model>`, there or not."""

    path: Path

    @property
    def name(self) -> str:
        """The model's."""
        return self.path.name

    def numbers(self) -> list[int]:
        """All numbers that are taken, by us or by others, in order."""
        return sorted(int(path.name) for path in self._entries() if path.name.isascii() and path.name.isdigit())

    def versions(self) -> dict[int, Version]:
        """Those that Refit pushed, in order."""
        told = {number: self._about(number) for number in self.numbers()}
        return {number: version for number, version in told.items() if version is not None}

    def foreign(self) -> list[str]:
        """The names of all that Refit did not put there; hidden ones aside."""
        ours = {CURRENT, CONFIG, *(str(number) for number in self.versions())}
        return sorted(path.name for path in self._entries() if path.name not in ours and path.name[0] != ".")

    def current(self) -> int | None:
        """The version that CURRENT names, there or not; None if there is no CURRENT or it names none."""
        path = self.path / CURRENT
        text = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
        return int(text) if text.isascii() and text.isdigit() else None

    def damage(self, number: int) -> str | None:
        """What is wrong with a version that Refit pushed, or None if every byte is as it was pushed."""
        folder = self.path / str(number)
        if not folder.is_dir():
            return f"version {number} of {self.name} is gone from {self.path}"
        version = self._about(number)
        if version is None:
            return f"version {number} of {self.name} in {self.path} was not pushed by Refit"
        for name, digest in version.files.items():
            if not (folder / name).is_file():
                return f"{name} of version {number} of {self.name} is gone from {folder}"
            if sha256_file(folder / name) != digest:
                return f"{folder / name} was changed"
        return None

    def unusable(self) -> str | None:
        """Why nobody can be served from here, or None: CURRENT is not there, or names no whole version."""
        current = self.current()
        if current is None:
            verb = "names no version" if (self.path / CURRENT).exists() else "is gone"
            return f"{self.path / CURRENT} {verb}"
        return self.damage(current)

    def _entries(self) -> list[Path]:
        return list(self.path.iterdir()) if self.path.is_dir() else []

    def _about(self, number: int) -> Version | None:
        try:
            version = read(Version, self.path / str(number) / Version.FILE)
        except (OSError, DataError):
            return None
        return version if version.version == number else None  # else it was copied here from another number


@dataclass(frozen=True)
class Served:
    """A model in use."""

    model: str
    version: int | None
    """What CURRENT names."""
    path: Path
    """The folder to serve from."""
    unusable: str | None
    """Why it cannot be served from there; None if it can."""
    about: Version | None
    """What the version is; None if it is unusable."""


def served(serving_dir: Path) -> dict[str, Served]:
    """What is in use, by the name of the model, of all that Refit pushed. Empty if `serving_dir` is not there."""
    found = {}
    for path in sorted(path for path in serving_dir.glob("*") if path.is_dir()):
        directory = ModelDir(path)
        versions, current = directory.versions(), directory.current()
        if versions or (path / CURRENT).exists():
            why = directory.unusable()
            about = None if why or current is None else versions[current]
            found[path.name] = Served(path.name, current, path / str(current), why, about)
    return found
