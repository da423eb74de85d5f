"""The newsroom, and one with four runs behind it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.cli import command_line
from pipeline.storage.workspace import Workspace
from tests.support import newsroom_app


@dataclass(frozen=True)
class Newsroom:
    root: Path

    def __call__(self, *arguments: str) -> int:
        return command_line.main(newsroom_app.APP, ["newsroom_app.py", *arguments, f"--pipeline_root={self.root}"])

    def ids(self) -> set[str]:
        return {path.stem for path in (self.root / "logs").glob("*.log")}

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs, and returns the run's id."""
        before = self.ids()
        assert self("run", *arguments) == code
        [run_id] = self.ids() - before
        return run_id

    def report(self, run_id: str) -> Path:
        return self.workspace.report_file(run_id)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root)

    def artifact(self, run_id: str, component: str, output: str) -> Path:
        return self.root / component / run_id / output

    def edit(self, path: Path, change: Any) -> None:
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))


@dataclass(frozen=True)
class Runs:
    """Runs of one newsroom: the first, one of another rate, one that failed, the first again (cached)."""

    newsroom: Newsroom
    first: str
    second: str
    failed: str
    cached: str


@cache
def four_runs(directory: Path) -> Runs:
    """Made once for all modules of tests, in a directory that is not there yet."""
    room = Newsroom(directory / "root")
    first = room.run()
    serving = room.root / "serving" / "newsroom"
    serving.mkdir(parents=True)
    (serving / "CURRENT").write_text("3")
    runs = Runs(room, first, room.run("--rate=0.002"), room.run("--stumble", code=3), room.run())
    assert room("report", runs.cached) == 0  # a cached run does not write one
    return runs
