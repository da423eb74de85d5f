"""The newsroom with four runs behind it, and a browser to read its reports in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browser as browser_module
import newsroom
import pytest

from pipeline import command_line
from pipeline.workspace import Workspace


@dataclass(frozen=True)
class Newsroom:
    root: Path

    def __call__(self, *arguments: str) -> int:
        return command_line.main(newsroom.APP, ["newsroom.py", *arguments, f"--pipeline_root={self.root}"])

    def ids(self) -> list[str]:
        return sorted(path.stem for path in (self.root / "logs").glob("*.log"))

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs, and returns the run's id."""
        assert self("run", *arguments) == code
        return self.ids()[-1]

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


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    room = Newsroom(tmp_path_factory.mktemp("newsroom") / "root")
    first = room.run()
    serving = room.root / "serving" / "newsroom"
    serving.mkdir(parents=True)
    (serving / "CURRENT").write_text("3")
    return Runs(room, first, room.run("--rate=0.002"), room.run("--stumble", code=3), room.run())


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "root")


@pytest.fixture(scope="session")
def chromium() -> Iterator[browser_module.Browser]:
    if not browser_module.CHROMIUM:
        pytest.skip(browser_module.ABSENT)
    with browser_module.launch() as launched:
        yield launched
