"""Kills at every point of the commit protocol, stopped processes, full disks: the next run must be correct."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from pipeline.cli import command_line  # noqa: F401  # imported before the tests patch it
from pipeline.metadata.store import MlmdStore
from pipeline.storage.staging import OWNER, StagingArea
from pipeline.storage.workspace import Workspace
from tests.support.desk import Desk
from tests.support.kills import Point, run_until
from tests.support.paths import TOY_APP
from tests.support.wholeness import assert_whole

POINTS = [
    ("pipeline.storage.staging.StagingArea", "stage"),
    ("pipeline.metadata.store.MlmdStore", "begin_run"),
    ("pipeline.metadata.store.MlmdStore", "begin"),
    ("toy.Numbers", "write"),
    ("pipeline.storage.workspace", "write_manifest"),
    ("pipeline.storage.durable", "fsync"),
    ("pipeline.storage.workspace.Path", "rename"),
    ("pipeline.storage.workspace.Workspace", "commit"),
    ("pipeline.metadata.store.MlmdStore", "publish"),
    ("pipeline.storage.staging.StagingArea", "discard"),
    ("pipeline.storage.workspace.Workspace", "forget_resume"),
    ("pipeline.metadata.store.MlmdStore", "end_run"),
]
SECOND = [(*point, when, 1 if point[1] in ("begin_run", "end_run") else 2)
          for point in POINTS for when in ("before", "after")]  # fmt: skip
LATER = [(*point, when, number) for point in POINTS for when in ("before", "after") for number in (1, 3)
         if point[1] not in ("begin_run", "end_run") and (point[1], number) != ("write", 3)]  # fmt: skip


def digests(run: dict[str, Any]) -> dict[str, str]:
    return {f"{c['name']}.{k}": o["digest"] for c in run["components"] for k, o in c["outputs"].items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("undisturbed")
    (directory / "numbers.txt").write_text("1 2 3")
    command = [sys.executable, str(TOY_APP), "run", "--json", f"--pipeline_root={directory / 'root'}"]
    done = subprocess.run([*command, f"--file={directory / 'numbers.txt'}"], capture_output=True, check=True)
    return digests(json.loads(done.stdout))


def check_kill(desk: Desk, undisturbed: dict[str, str], holder: str, name: str, when: str, number: int) -> None:
    arguments = ["run", f"--file={desk.file}", f"--pipeline_root={desk.root}"]
    done = run_until(Point(holder, name, when, number), arguments)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert digests(desk.json("run")) == undisturbed
    assert_whole(desk.root)


@pytest.mark.parametrize(("holder", "name", "when", "number"), SECOND)
def test_a_kill_at_each_point(
    desk: Desk, undisturbed: dict[str, str], holder: str, name: str, when: str, number: int
) -> None:
    check_kill(desk, undisturbed, holder, name, when, number)


@pytest.mark.slow
@pytest.mark.parametrize(("holder", "name", "when", "number"), LATER)
def test_a_kill_at_another_call(
    desk: Desk, undisturbed: dict[str, str], holder: str, name: str, when: str, number: int
) -> None:
    check_kill(desk, undisturbed, holder, name, when, number)


SLOW = """
import sys, time
from tests.support import toy, toy_app
from pipeline.cli import command_line
{holder}
original = holder.{name}

def waiting(*arguments, **named):
    print("ready", flush=True)
    input()
    return original(*arguments, **named)

holder.{name} = waiting
sys.exit(command_line.main(toy_app.APP, ["toy_app.py", *{arguments!r}]))
"""


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ("holder = toy.Scaler", "run"),
        ("from pipeline.storage.workspace import Workspace as holder", "commit"),
        ("from pipeline.metadata.store import MlmdStore as holder", "publish"),
    ],
)
def test_a_stopped_process_that_was_reaped_publishes_nothing(
    desk: Desk, undisturbed: dict[str, str], holder: str, name: str
) -> None:
    arguments = ["run", f"--file={desk.file}", f"--pipeline_root={desk.root}"]
    names = {"arguments": arguments}
    command = [sys.executable, "-c", SLOW.format(holder=holder, name=name, **names)]
    stopped = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert stopped.stdin
    assert stopped.stdout
    while stopped.stdout.readline() != "ready\n":
        pass
    stopped.send_signal(signal.SIGSTOP)
    for owner in (desk.root / ".staging").glob(f"*/{OWNER}"):  # as if another process had its process id now
        mark = json.loads(owner.read_text())
        mark["owner"]["started"] -= 60
        owner.write_text(json.dumps(mark))
    # This run has other cache keys, because the stopped process still holds its locks. It reaps the stopped process.
    desk.file.write_text("7")
    assert desk.json("run", "--factor=3", "--to=Scaler")["status"] == "COMPLETE"
    desk.file.write_text("1 2 3")
    stopped.send_signal(signal.SIGCONT)
    stopped.communicate("\n" * 9)
    assert stopped.returncode != 0
    assert digests(desk.json("run")) == undisturbed
    assert_whole(desk.root)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize(
    ("holder", "name"),
    [(StagingArea, "stage"), (Workspace, "commit"), (Workspace, "resume")],
)
def test_a_full_or_read_only_disk(
    desk: Desk, undisturbed: dict[str, str], holder: Any, name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = getattr(holder, name), 0

    def failing(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(number, os.strerror(number), str(desk.root))
        return original(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(holder, name, failing)
        failed = desk.json("run", code=1)
    cause = "no space left on the disk of" if number != errno.EROFS else "Read-only file system"
    assert cause in failed["error"]["message"]
    assert list((desk.root / ".staging").iterdir()) == []
    assert digests(desk.json("run")) == undisturbed
    assert_whole(desk.root)


def test_a_failed_write_to_the_database(
    desk: Desk, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, calls = MlmdStore.publish, 0

    def failing(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return publish(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(MlmdStore, "publish", failing)
        assert desk.json("run", code=1)["error"]["type"] == "OSError"
    assert digests(desk.json("run")) == undisturbed
    assert_whole(desk.root)


def test_eight_processes_lose_nothing_and_run_nothing_twice(desk: Desk, undisturbed: dict[str, str]) -> None:
    command = [sys.executable, str(TOY_APP), "run", "--json", f"--file={desk.file}"]
    command += [f"--pipeline_root={desk.root}"]
    start = time.monotonic()
    processes = [
        subprocess.Popen([*command, f"--factor={2 + number % 2}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for number in range(8)
    ]
    ended = [(process.communicate(), process.returncode) for process in processes]
    assert [code for _, code in ended] == [0] * 8, ended
    assert time.monotonic() - start < 120
    runs = [json.loads(out) for (out, _), _ in ended]
    assert [digests(run) for run in runs[::2]] == [undisturbed] * 4
    executed = [c["name"] for run in runs for c in run["components"] if c["status"] == "EXECUTED"]
    assert sorted(executed) == ["Plain", "Reader", "Scaler", "Scaler", "Summer", "Summer"]
    assert {run["run_id"] for run in desk.json("runs")} == {run["run_id"] for run in runs}
    assert_whole(desk.root)
