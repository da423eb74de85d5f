"""Kills a push or a rollback at every step. A complete version is always served, and the next run repairs the rest."""

import signal
from pathlib import Path

import pytest

from schemas.artifacts.serving_dir import ModelDir
from tests.support import toy_serving
from tests.support.desk import Desk
from tests.support.kills import Point, run_until
from tests.support.wholeness import assert_whole

PUSH = [  # the number of the call that the Pusher makes
    ("components.pusher.publish.shutil", "copyfile", "before", 1),
    ("components.pusher.publish.shutil", "copyfile", "after", 1),
    ("components.pusher.publish", "fsync_tree", "before", 1),
    ("components.pusher.publish.Path", "rename", "before", 2),  # the first is Maker's commit
    ("components.pusher.publish.Path", "rename", "after", 2),
    ("components.pusher.publish", "fsync", "after", 2),
    ("components.pusher.publish", "_use", "before", 1),
    ("components.pusher.publish.Path", "replace", "before", 1),
    ("components.pusher.publish.Path", "replace", "after", 1),  # serving.config, then CURRENT
    ("components.pusher.publish.Path", "replace", "before", 2),
    ("components.pusher.publish.Path", "replace", "after", 2),
    ("pipeline.storage.workspace.Workspace", "commit", "before", 2),
    ("pipeline.storage.workspace.Workspace", "commit", "after", 2),
    ("pipeline.metadata.store.MlmdStore", "publish", "before", 2),
    ("pipeline.metadata.store.MlmdStore", "publish", "after", 2),
]
FAST = (7,)
POINTS = [pytest.param(*point, marks=() if number in FAST else pytest.mark.slow) for number, point in enumerate(PUSH)]

ROLLBACK = [
    ("pipeline.metadata.store.MlmdStore", "record_done", "before", 1),
    ("pipeline.metadata.store.MlmdStore", "record_done", "after", 1),
    ("components.pusher.publish.Path", "replace", "after", 1),
    ("components.pusher.publish.Path", "replace", "after", 2),
]


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, toy_serving.APP)


def killed(desk: Desk, arguments: list[str], holder: str, name: str, when: str, number: int) -> None:
    arguments = [*arguments, f"--pipeline_root={desk.root}"]
    done = run_until(Point(holder, name, when, number), arguments, "toy_serving")
    assert done.returncode == -signal.SIGKILL, done.stderr


def assert_served(directory: ModelDir, versions: list[int], current: int) -> None:
    assert (directory.numbers(), list(directory.versions()), directory.current()) == (versions, versions, current)
    assert directory.unusable() is None
    assert {path.name for path in directory.path.iterdir()} == {
        *map(str, versions), "CURRENT", "serving.config", ".lock"}  # fmt: skip
    assert f"versions: {current} " in (directory.path / "serving.config").read_text()


@pytest.mark.parametrize("first", [True, False], ids=["first push", "second push"])
@pytest.mark.parametrize(("holder", "name", "when", "number"), POINTS)
def test_killed_while_it_pushes(desk: Desk, first: bool, holder: str, name: str, when: str, number: int) -> None:
    directory = ModelDir(desk.root / "serving" / "toy")
    if not first:
        desk.run("--content=before")
    killed(desk, ["run"], holder, name, when, number)
    if not first:
        assert directory.unusable() is None  # the one before, or the new one, whole
    versions = [1] if first else [1, 2]
    found = desk.json("run")
    assert (found["pushed"], found["in_use"]) == (versions[-1], versions[-1])
    assert_served(directory, versions, versions[-1])
    assert_whole(desk.root)


@pytest.mark.parametrize(("holder", "name", "when", "number"), ROLLBACK)
def test_killed_while_it_rolls_back(desk: Desk, holder: str, name: str, when: str, number: int) -> None:
    directory = ModelDir(desk.root / "serving" / "toy")
    desk.run("--content=before")
    desk.run()
    killed(desk, ["rollback", "--to=1"], holder, name, when, number)
    assert directory.unusable() is None
    moved = directory.current() == 1
    code, _, err = desk("rollback", "--to=1")
    assert (code, "version 1 of toy is already in use" in err) == ((2, True) if moved else (0, False))
    assert_served(directory, [1, 2], 1)
    assert desk.store.recent("Rollback", 9)
    assert_whole(desk.root)
