"""Staging folders of active runs and executions, each marked with the process that owns it."""

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
    """The folder that one run or execution writes to before its outputs are published."""

    path: Path

    @property
    def scratch(self) -> Path:
        """The folder for temporary files, deleted when the execution ends."""
        return self.path / "scratch"

    def output(self, key: str) -> Path:
        """Returns the directory of an output."""
        return self.path / "outputs" / key


@dataclass(frozen=True)
class StagingArea:
    """All staging folders of a pipeline root. They are in `path`."""

    path: Path
    lock: Path

    def stage(self, name: str, outputs: Iterable[str], about: Mapping[str, str]) -> Staging:
        """Creates a staging folder. Its mark contains this process as the owner, and the entries of `about`."""
        staging = Staging(self.path / name)
        with file_lock(self.lock):  # another process would treat a folder without a mark as abandoned
            staging.scratch.mkdir(parents=True)
            mark = {"owner": Owner.current().to_json(), **about}
            (staging.path / OWNER).write_text(json.dumps(mark, sort_keys=True), encoding="utf-8")
        for key in outputs:
            staging.output(key).mkdir(parents=True)
        return staging

    def seize(self, staging: Staging) -> Staging:
        """Renames a staging folder, so that its process cannot publish it if that process was only stopped."""
        seized = Staging(staging.path.with_name(f"{_SEIZED}{staging.path.name.removeprefix(_SEIZED)}"))
        if staging.path != seized.path:
            staging.path.rename(seized.path)
        return seized

    def empty(self, staging: Staging) -> None:
        """Deletes everything in a staging folder except its mark."""
        for path in (staging.scratch, staging.path / "outputs"):
            shutil.rmtree(path, ignore_errors=True)

    def discard(self, staging: Staging) -> None:
        """Deletes a staging folder."""
        shutil.rmtree(staging.path, ignore_errors=True)

    def abandoned(self) -> list[tuple[Staging, dict[str, str]]]:
        """Returns the staging folders whose process is dead, each with the `about` that was passed to `stage`.

        `about` is empty if the process died before it wrote the mark.
        """
        with file_lock(self.lock):
            return [(staging, about) for staging, alive, about in self._all() if not alive]

    def under_way(self) -> list[str]:
        """Returns the ids of the runs whose process is alive."""
        return sorted({about["run_id"] for _, alive, about in self._all() if alive})

    def dead(self) -> set[str]:
        """Returns the names of the runs and executions whose process is dead. Takes no lock and writes nothing."""
        found = ((staging, about) for staging, alive, about in self._all() if not alive)
        return {staging.path.name.removeprefix(_SEIZED) for staging, about in found if about}

    def _all(self) -> Iterator[tuple[Staging, bool, dict[str, str]]]:
        folders = self.path.iterdir() if self.path.is_dir() else ()
        for path in sorted(path for path in folders if path.is_dir()):
            try:
                mark = json.loads((path / OWNER).read_bytes())
                alive = Owner(**mark.pop("owner")).alive()
            except (OSError, ValueError, KeyError, TypeError):
                yield Staging(path), False, {}
            else:
                yield Staging(path), alive, mark
