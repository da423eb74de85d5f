"""A Flink cluster on this machine gives the same bytes as this process, and a lost worker does not change them."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psutil
import pytest

from pipeline.flink.local.processes import free_port
from tests.support.command_line import Ran, run_local

FLAGS = ("--offline", "--dataset=sample", "--epochs=1", "--noreference", "--to=Evaluator", "--json")
PARALLEL = ("Ingestion", "StatisticsGen", "Preprocessing", "Evaluator")
"""The components that process their data with Beam."""


@dataclass(frozen=True)
class Cluster:
    port: int
    home: Path
    """A pipeline root whose artifacts this process has made."""
    here: Ran

    def run(self, root: Path, slots: int, force: str) -> Ran:
        """Runs components on the cluster, in a copy of the root."""
        shutil.copytree(self.home, root)
        address = f"--cluster=flink://127.0.0.1:{self.port}"
        return run_local(root, *FLAGS, address, f"--beam_args=--parallelism={slots}", f"--force={force}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    directory = tmp_path_factory.mktemp("flink")
    at = f"--flink_port={free_port()}"
    started = run_local(directory / "root", "cluster", "up", at)
    if started.code == 1:
        pytest.skip(f"no cluster can be started: {started.err.strip()}")
    assert started.code == 0, started.err
    try:
        here = run_local(directory / "home", *FLAGS)
        assert here.code == 0, here.err
        yield Cluster(int(at.partition("=")[2]), directory / "home", here)
    finally:
        run_local(directory / "root", "cluster", "down", at)


@pytest.mark.slow
@pytest.mark.parametrize("slots", [1, 2, 4])
def test_any_number_of_slots_gives_the_same_artifacts(cluster: Cluster, slots: int, tmp_path: Path) -> None:
    there = cluster.run(tmp_path / "there", slots, ",".join(PARALLEL))
    assert there.code == 0, there.err
    assert there.digests == cluster.here.digests
    assert {name for name, status in there.statuses.items() if status == "EXECUTED"} == set(PARALLEL)
    again = run_local(tmp_path / "there", *FLAGS)  # at home: what the cluster made is cached
    assert "EXECUTED" not in again.statuses.values()


@pytest.mark.slow
def test_a_killed_worker_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    killed: list[int] = []
    killer = Thread(target=lambda: killed.append(kill_a_worker(tmp_path / "there")), daemon=True)
    killer.start()
    there = cluster.run(tmp_path / "there", 1, "Preprocessing")
    assert killed, "no worker was killed"
    if there.code:  # it was lost too often: nothing is published, and the next run repeats what is missing
        assert "could not finish the job: " in there.err
        there = run_local(tmp_path / "there", *FLAGS)
    assert there.digests == cluster.here.digests


def kill_a_worker(root: Path, within: float = 600) -> int:
    """Kills the first worker that has opened a library of TensorFlow, because it works on Preprocessing then."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        for process in psutil.process_iter(["cmdline"]):
            try:
                if "SdkHarness" in " ".join(process.info["cmdline"] or ()) and process.memory_info().rss > 400 * 2**20:
                    process.kill()
                    return process.pid
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.2)
    raise TimeoutError(f"no worker appeared while {root} was filled")
