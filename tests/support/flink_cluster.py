"""A Flink cluster on this machine for tests, on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.flink.address import cluster_options
from pipeline.flink.local.cluster import LocalCluster
from pipeline.flink.local.processes import free_port
from tests.support.command_line import run_local


@dataclass(frozen=True)
class Cluster:
    port: int
    root: Path
    """A pipeline root for Beam pipelines of tests. The first one on it checks the workers."""

    @property
    def address(self) -> str:
        return f"flink://127.0.0.1:{self.port}"

    @property
    def flag(self) -> str:
        return f"--cluster={self.address}"

    @property
    def folder(self) -> Path:
        """Its logs, its configuration and the list of its processes."""
        return LocalCluster(port=self.port).folder

    @property
    def processes(self) -> dict[str, int]:
        """The process id of each part that runs."""
        return LocalCluster(port=self.port).processes.alive()

    @property
    def options(self) -> tuple[str, ...]:
        """The options for a Beam pipeline of a test, which is started in this process."""
        return cluster_options(self.address, 60, self.root, ())


@contextmanager
def running(directory: Path, *flags: str) -> Iterator[Cluster]:
    """Starts a cluster. Skips the test if this machine has no Java or cannot fetch the jars."""
    cluster = Cluster(free_port(), directory / "root")
    at = f"--flink_port={cluster.port}"
    cluster.root.mkdir(parents=True)
    started = run_local(cluster.root, "cluster", "up", at, *flags)
    if started.code == 1:
        pytest.skip(f"no cluster can be started: {started.err.strip()}")
    assert started.code == 0, started.err
    try:
        yield cluster
    finally:
        run_local(cluster.root, "cluster", "down", at)
