"""A run with `--workers`: what is left after a worker or the run is killed, and that the next run resumes."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import psutil
import pytest

from components.trainer.workers.processes import PROGRAM
from tests.support.command_line import environment, records, run_local
from tests.support.paths import PROJECT
from tests.support.wholeness import assert_whole

pytestmark = pytest.mark.slow

FLAGS = ["--offline", "--dataset=sample", "--epochs=2", "--patience=0", "--workers=2", "--noreference", "--to=Trainer"]


def start(root: Path) -> tuple[subprocess.Popen[str], IO[str]]:
    command = [sys.executable, "run_local.py", *FLAGS, f"--pipeline_root={root}"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment(root.parent / "none"), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    assert process.stdout
    return process, process.stdout


def workers_after_an_epoch(process: subprocess.Popen[str], out: IO[str]) -> list[psutil.Process]:
    while "epoch 1/2" not in (line := out.readline()):
        assert line, "the run ended before its first epoch"
    children = psutil.Process(process.pid).children(recursive=True)
    found = [child for child in children if PROGRAM in child.cmdline()]
    assert len(found) == 2
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline root that has everything before the Trainer."""
    found = tmp_path_factory.mktemp("workers") / "root"
    prepared = run_local(found, *FLAGS[:-1], "--to=Preprocessing")
    assert prepared.code == 0, prepared.err
    return found


def test_a_killed_worker_and_a_killed_run_leave_nothing_and_the_next_run_resumes(root: Path) -> None:
    process, out = start(root)
    [_, second] = workers_after_an_epoch(process, out)
    second.send_signal(signal.SIGKILL)
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == 1, shown
    assert "Trainer failed: worker 1 of 2 was ended by SIGKILL; its log is " in shown
    assert not (root / "Trainer").exists()
    assert_whole(root)

    process, out = start(root)
    while "resuming an interrupted run after epoch 1" not in (line := out.readline()):
        assert line, "the run did not resume"
    started: list[psutil.Process] = []
    while not started:
        children = psutil.Process(process.pid).children(recursive=True)
        started = [child for child in children if PROGRAM in child.cmdline()]
    process.kill()
    process.communicate()
    _, left = psutil.wait_procs(started, timeout=10)
    assert left == []

    last = run_local(root, *FLAGS, "--json")
    assert last.code == 0, last.err
    whole = run_local(root, *FLAGS, "--force=Trainer", "--json")
    assert whole.digests == last.digests
    assert records(root) == {"running": 0, "integrity": "ok"}
