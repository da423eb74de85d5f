"""A part of a Flink cluster is killed during a job: the artifacts are the same, or one message says what was lost."""

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from tests.support.command_line import Ran, run_local
from tests.support.flink_cluster import Cluster, running

pytestmark = pytest.mark.slow

ROWS, WORDS = 60_000, 60
"""Enough that a job takes seconds."""


@pytest.fixture(scope="module")
def flags(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The flags for a corpus of random texts in several files."""
    folder, some = tmp_path_factory.mktemp("texts"), random.Random(0)
    words = [f"word{number}" for number in range(5_000)]
    for file in range(8):
        rows = [f"{' '.join(some.choices(words, k=WORDS))},{'ab'[some.random() < 0.5]}\n" for _ in range(ROWS // 8)]
        (folder / f"{file}.csv").write_text("text,label\n" + "".join(rows))
    return "--dataset=files", f"--source={folder}/*.csv", "--to=Ingestion", "--json"


@pytest.fixture(scope="module")
def here(flags: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run in this process."""
    ran = run_local(tmp_path_factory.mktemp("home") / "root", *flags)
    assert ran.code == 0, ran.err
    return ran


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running(tmp_path / "cluster") as cluster:
        yield cluster


def ask(cluster: Cluster, path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{cluster.port}{path}", timeout=10) as answer:
        return json.load(answer)


def jobs(cluster: Cluster) -> list[dict[str, Any]]:
    return list(ask(cluster, "/jobs/overview")["jobs"])


def worker(cluster: Cluster) -> psutil.Process:
    """A worker: a copy of the process that the pool started."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process(cluster.processes["workers"]).children():
            if found := child.children():
                return found[0]
        time.sleep(0.05)
    raise TimeoutError("the job has no worker")


def busy_task_manager(cluster: Cluster) -> psutil.Process:
    """The task manager with the fewest free slots."""
    found = min(ask(cluster, "/taskmanagers")["taskmanagers"], key=lambda one: int(one["freeSlots"]))
    port = int(found["path"].rpartition("@")[2].partition("/")[0].rpartition(":")[2])
    for name, pid in cluster.processes.items():
        process = psutil.Process(pid)
        if name.startswith("task-manager") and port in {at.laddr.port for at in process.net_connections("tcp")}:
            return process
    raise AssertionError(f"no process listens on port {port}")


def job_server(cluster: Cluster) -> psutil.Process:
    return psutil.Process(cluster.processes["job-server"])


def kill_during_a_job(cluster: Cluster, which: Callable[[Cluster], psutil.Process], killed: list[str]) -> None:
    """Kills a process a second after the second job has begun: the first one checks the workers."""
    seen: dict[str, float] = {}
    end = time.monotonic() + 300
    while time.monotonic() < end:
        for job in jobs(cluster):
            if job["state"] == "RUNNING":
                since = seen.setdefault(job["jid"], time.monotonic())
                if len(seen) > 1 and time.monotonic() - since > 1:
                    which(cluster).kill()
                    killed.append(job["jid"])
                    return
            elif job["state"] == "FINISHED":
                seen.setdefault(job["jid"], 0)
        time.sleep(0.1)


LOSSES: dict[str, tuple[Callable[[Cluster], psutil.Process], int, str]] = {
    "a worker": (worker, 2, ""),
    "a task manager, with enough slots left": (busy_task_manager, 2, ""),
    "a task manager, without": (busy_task_manager, 4, "could not finish the job: it "),
    "the job server": (job_server, 2, "Beam's job server does not answer any more; start the cluster again"),
}
"""What is killed, the number of slots that the job uses, and the message of the failure; empty if there is none."""


@pytest.mark.parametrize("what", LOSSES)
def test_a_loss_changes_no_byte(what: str, cluster: Cluster, flags: tuple[str, ...], here: Ran, tmp_path: Path) -> None:
    which, slots, message = LOSSES[what]
    killed: list[str] = []
    killer = Thread(target=kill_during_a_job, args=(cluster, which, killed), daemon=True)
    killer.start()
    root = tmp_path / "there"
    there = run_local(root, *flags, cluster.flag, f"--beam_args=--parallelism={slots}")
    assert killed, "nothing was killed"
    assert [job["jid"] for job in jobs(cluster) if job["state"] in ("RUNNING", "RESTARTING", "CREATED")] == []
    if message:
        assert (there.code, message in there.err) == (1, True), there.err
        assert "EXECUTED" not in there.statuses.values()
        there = run_local(root, *flags)
    assert there.code == 0, there.err
    assert there.digests == here.digests
