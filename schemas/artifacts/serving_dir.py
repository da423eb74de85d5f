"""Reads the serving folder: the versions of each model, and the version in use. Light to import.

<serving>/<model>/CURRENT          the number of the version in use
<serving>/<model>/serving.config   the same for TensorFlow Serving (--model_config_file)
<serving>/<model>/<version>/       a SavedModel, and `version.json`, which describes it, with the SHA-256 of each file
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import sha256_file
from pipeline.core.errors import DataError
from schemas.contracts.encode import read
from schemas.contracts.push import Version

CURRENT, CONFIG, SAVED_MODEL = "CURRENT", "serving.config", "saved_model.pb"


@dataclass(frozen=True)
class ModelDir:
    """The folder of the versions of one model: `<serving>/<model>`. It need not exist."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.path.name

    def numbers(self) -> list[int]:
        """Returns all numbers that are in use as folder names, also of folders that Refit did not create, in order."""
        return sorted(int(path.name) for path in self._entries() if path.name.isascii() and path.name.isdigit())

    def versions(self) -> dict[int, Version]:
        """Returns the versions that Refit pushed, in order."""
        found = {number: self._about(number) for number in self.numbers()}
        return {number: version for number, version in found.items() if version is not None}

    def foreign(self) -> list[str]:
        """Returns the names of all files and folders that Refit did not create, except hidden ones."""
        ours = {CURRENT, CONFIG, *(str(number) for number in self.versions())}
        return sorted(path.name for path in self._entries() if path.name not in ours and path.name[0] != ".")

    def current(self) -> int | None:
        """Returns the version that CURRENT names, which need not exist; None if it names no version."""
        path = self.path / CURRENT
        text = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
        return int(text) if text.isascii() and text.isdigit() else None

    def damage(self, number: int) -> str | None:
        """Returns what is wrong with a version, or None if Refit pushed it and every byte is unchanged."""
        folder = self.path / str(number)
        if not folder.is_dir():
            return f"version {number} of {self.name} is missing in {self.path}"
        version = self._about(number)
        if version is None:
            return f"version {number} of {self.name} in {self.path} was not pushed by Refit"
        for name, digest in version.files.items():
            if not (folder / name).is_file():
                return f"{name} of version {number} of {self.name} is missing in {folder}"
            if sha256_file(folder / name) != digest:
                return f"{folder / name} has been changed"
        return None

    def unusable(self) -> str | None:
        """Returns why no version can be served, or None: CURRENT is missing, or does not name a complete version."""
        current = self.current()
        if current is None:
            verb = "names no version" if (self.path / CURRENT).exists() else "is missing"
            return f"{self.path / CURRENT} {verb}"
        return self.damage(current)

    def misplaced(self) -> str | None:
        """Returns why TensorFlow Serving would serve another folder, or None: this one was moved or copied."""
        config = self.path / CONFIG
        text = config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""
        named = re.search(r'^ *base_path: (".*")$', text, re.MULTILINE)
        base = Path(json.loads(named[1])) if named else self.path
        if base == self.path.absolute() or (base.exists() and base.samefile(self.path)):
            return None
        return f"{config} names {base}, because this folder was moved or copied"

    def _entries(self) -> list[Path]:
        return list(self.path.iterdir()) if self.path.is_dir() else []

    def _about(self, number: int) -> Version | None:
        try:
            version = read(Version, self.path / str(number) / Version.FILE)
        except (OSError, DataError):
            return None
        return version if version.version == number else None  # else the folder of another number was copied


@dataclass(frozen=True)
class Served:
    """A model in use."""

    model: str
    version: int | None
    """The version that CURRENT names."""
    path: Path
    """The folder to serve from."""
    unusable: str | None
    """Why it cannot be served; None if it can."""
    about: Version | None
    """The content of its `version.json`; None if it is unusable."""


def served(serving_dir: Path) -> dict[str, Served]:
    """Returns the version in use of each model that Refit pushed, by model name. Empty if `serving_dir` is missing."""
    found = {}
    for path in sorted(path for path in serving_dir.glob("*") if path.is_dir()):
        directory = ModelDir(path)
        versions, current = directory.versions(), directory.current()
        if versions or (path / CURRENT).exists():
            why = directory.unusable()
            about = None if why or current is None else versions[current]
            found[path.name] = Served(path.name, current, path / str(current), why, about)
    return found
