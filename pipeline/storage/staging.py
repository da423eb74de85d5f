"""Folders of what is under way, each marked with the process that it belongs to."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.storage.locks import file_lock
from pipeline.storage.owner import Owner

OWNER = "OWNER.json"
_SEIZED = "seized-"


@dataclass(frozen=True)
class Staging:
    """Where one execution writes before it is published."""

    path: Path

    @property
    def scratch(self) -> Path:
        """Gone when the execution ends."""
        return self.path / "scratch"

    def output(self, key: str) -> Path:
        """The directory of an output."""
        return self.path / "outputs" / key


@dataclass(frozen=True)
class StagingArea:
    """All of them, in `path`."""

    path: Path
    lock: Path

    def stage(self, name: str, outputs: Iterable[str], about: Mapping[str, str]) -> Staging:
        """Makes the folders of something new, marked with this process as its owner and with what it is."""
        staging = Staging(self.path / name)
        with file_lock(self.lock):  # a folder without an owner yet would be taken for abandoned
            staging.scratch.mkdir(parents=True)
            mark = {"owner": Owner.current().to_json(), **about}
            (staging.path / OWNER).write_text(json.dumps(mark, sort_keys=True), encoding="utf-8")
        for key in outputs:
            staging.output(key).mkdir(parents=True)
        return staging

    def seize(self, staging: Staging) -> Staging:
        """Takes a folder away from a process that may yet wake and want to publish it."""
        seized = Staging(staging.path.with_name(f"{_SEIZED}{staging.path.name.removeprefix(_SEIZED)}"))
        if staging.path != seized.path:
            staging.path.rename(seized.path)
        return seized

    def discard(self, staging: Staging) -> None:
        """Removes what is left of something that was under way."""
        shutil.rmtree(staging.path, ignore_errors=True)

    def abandoned(self) -> list[tuple[Staging, dict[str, str]]]:
        """Those whose process is dead, and what `stage` was told about each; nothing if it died before it could be."""
        with file_lock(self.lock):
            return [(staging, about) for staging, alive, about in self._all() if not alive]

    def under_way(self) -> list[str]:
        """The ids of the runs whose process lives."""
        return sorted({about["run_id"] for _, alive, about in self._all() if alive})

    def _all(self) -> Iterator[tuple[Staging, bool, dict[str, str]]]:
        for path in sorted(path for path in self.path.iterdir() if path.is_dir()):
            try:
                mark = json.loads((path / OWNER).read_bytes())
                alive = Owner(**mark.pop("owner")).alive()
            except (OSError, ValueError, KeyError, TypeError):
                yield Staging(path), False, {}
            else:
                yield Staging(path), alive, mark
