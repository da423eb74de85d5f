"""Signals at every point of the commit protocol: the run ends as after Ctrl-C, or is finished, and nothing is lost."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pexpect
import psutil
import pytest

from pipeline.cli import command_line
from pipeline.provenance.runs import DEAD
from tests.support.desk import Desk
from tests.support.kills import Point, run_until
from tests.support.paths import TOY_APP
from tests.support.toy_app import APP
from tests.support.wholeness import assert_whole

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGSTOP: 0}
STORE, WORKSPACE = "pipeline.metadata.store.MlmdStore", "pipeline.storage.workspace.Workspace"
FUNCTIONS = [
    ("pipeline.storage.staging.StagingArea", "stage", 2),
    (STORE, "begin_run", 1),
    (STORE, "begin", 2),
    ("toy.Numbers", "write", 2),
    ("pipeline.storage.workspace", "write_manifest", 2),
    ("pipeline.storage.durable", "fsync", 2),
    (WORKSPACE, "commit", 2),
    (STORE, "publish", 2),
    ("pipeline.storage.staging.StagingArea", "discard", 2),
    (WORKSPACE, "forget_resume", 2),
    ("pipeline.execution.launcher.Launcher", "launch", 1),  # after it, Beam's own code runs
    (STORE, "publish", 4),
    (STORE, "end_run", 1),
]
FAST = {
    ("toy.Numbers", "write", 2, "before", signal.SIGHUP),
    ("pipeline.execution.launcher.Launcher", "launch", 1, "after", signal.SIGINT),
    ("pipeline.storage.staging.StagingArea", "stage", 2, "after", signal.SIGTERM),
}
ROWS = [
    pytest.param(
        Point(holder, name, when, number),
        sign,
        id=f"{sign.name}-{when}-{name}-{number}",
        marks=() if (holder, name, number, when, sign) in FAST else pytest.mark.slow,
    )
    for holder, name, number in FUNCTIONS
    for when in ("before", "after")
    for sign in CODES
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("undisturbed")
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        Desk(directory, lambda: None)
        flags = [f"--pipeline_root={directory / 'root'}", f"--file={directory / 'numbers.txt'}"]
        assert command_line.main(APP, ["toy_app.py", "run", "--json", *flags]) == 0
    return digests(json.loads(out.getvalue()))


def digests(run: dict[str, Any]) -> dict[str, str]:
    return {f"{c['name']}.{k}": o["digest"] for c in run["components"] for k, o in c["outputs"].items()}


@pytest.mark.parametrize(("point", "sign"), ROWS)
def test_a_signal_at_each_point(desk: Desk, undisturbed: dict[str, str], point: Point, sign: signal.Signals) -> None:
    done = run_until(point, ["run", f"--file={desk.file}", f"--pipeline_root={desk.root}"], sign=sign)
    finished = (point.name, point.number) in (("publish", 4), ("end_run", 1))  # all components have ended
    assert done.returncode == (0 if finished else CODES[sign]), done.stderr
    assert "Traceback" not in done.stderr
    [run] = desk.json("runs")
    assert run["status"] == ("COMPLETE" if done.returncode == 0 else "FAILED")
    if done.returncode:
        assert "\nresume: " in done.stdout
    assert_whole(desk.root)  # at once, without another run
    assert digests(desk.json("run")) == undisturbed
    assert_whole(desk.root)


@pytest.mark.parametrize("sign", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_before_the_run_is_recorded_says_that_nothing_ran(desk: Desk, sign: signal.Signals) -> None:
    point = Point("pipeline.storage.staging.StagingArea", "abandoned", "before", 1)
    done = run_until(point, ["run", f"--file={desk.file}", f"--pipeline_root={desk.root}"], sign=sign)
    assert done.returncode == CODES[sign]
    words = "interrupted" if sign == signal.SIGINT else "ended by SIGTERM"
    assert done.stderr == f"refit: {words} before anything ran\n"
    assert desk.json("runs") == []


def test_runs_and_explain_show_that_a_process_is_dead_and_the_next_run_settles_it(desk: Desk) -> None:
    arguments = ["run", f"--file={desk.file}", f"--pipeline_root={desk.root}"]
    assert run_until(Point(STORE, "publish", "before", 2), arguments).returncode == -signal.SIGKILL
    [run] = desk.json("runs")
    assert run["status"] == DEAD
    [*_, last] = run["components"]
    assert last["status"] == DEAD
    explained = desk.json("explain")["components"]
    assert [c["state"] for c in explained] == ["COMPLETE", DEAD]
    for command, line in (
        (("runs",), f"{run['run_id']}  {DEAD}"),
        (("runs", "show", "latest"), f"run {run['run_id']}: {DEAD}"),
        (("explain",), f"{last['name']} is {DEAD}: first run"),
    ):
        assert line in desk(*command)[1]
    assert desk("verify", "latest")[2].endswith(f"is {DEAD}; only a complete run can be verified\n")
    assert desk.json("run")["status"] == "COMPLETE"
    died = desk.json("runs")[1]
    assert (died["status"], died["error"]["message"]) == ("FAILED", "its process died")
    assert_whole(desk.root)


@pytest.mark.slow
def test_a_run_that_is_alive_is_running(desk: Desk) -> None:
    command = [sys.executable, str(TOY_APP), "run", "--stumble=slow", f"--pipeline_root={desk.root}"]
    process = subprocess.Popen([*command, f"--file={desk.file}"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert any("this takes a while" in line for line in process.stdout)
    assert [run["status"] for run in desk.json("runs")] == ["RUNNING"]
    process.terminate()
    process.communicate()
    assert process.returncode == 143
    assert [run["status"] for run in desk.json("runs")] == ["FAILED"]


@pytest.mark.parametrize("pause", [0.02, pytest.param(0.3, marks=pytest.mark.slow)])
def test_ctrl_c_three_times(desk: Desk, pause: float) -> None:
    command = [str(TOY_APP), "run", "--stumble=slow", f"--pipeline_root={desk.root}", f"--file={desk.file}"]
    child = pexpect.spawn(sys.executable, command, env={**os.environ, "TERM": "dumb"}, encoding="utf-8", timeout=60)
    child.expect("this takes a while")
    for _ in range(3):
        child.sendintr()
        time.sleep(pause)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (130, None)
    assert "Summer failed: interrupted" in str(child.before)
    assert "before anything ran" not in str(child.before)
    assert_whole(desk.root)


@pytest.mark.slow
def test_a_signal_that_the_parent_ignores_stays_ignored(desk: Desk) -> None:
    code = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    )
    arguments = [str(TOY_APP), "run", f"--file={desk.file}", f"--pipeline_root={desk.root}"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, sys.executable, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate()
    assert process.returncode == 0


def test_the_serving_process_ends_with_a_parent_that_was_killed() -> None:
    child = "import sys; from components.infra_validator.isolated_server import end_with; end_with(int(sys.argv[1]))"
    parent = (
        "import os, subprocess, sys, time; command = [sys.executable, '-c', "
        f"{child!r}, str(os.getpid())]; print(subprocess.Popen(command).pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    serving = psutil.Process(int(process.stdout.readline()))
    process.kill()
    process.wait()
    psutil.wait_procs([serving], timeout=20)
    assert not serving.is_running()
    process.communicate()
