"""An error on a worker of a Flink cluster has the same message and exit code as in this process."""

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.flink.local.processes import free_port, listens
from tests.support.command_line import run_local
from tests.support.failing_steps import ERRORS, PLACES, failure
from tests.support.flink_cluster import Cluster

pytestmark = pytest.mark.slow

ROWS = [*((error, "process") for error in ERRORS), *(("data", place) for place in PLACES)]


@pytest.mark.parametrize(("error", "place"), dict.fromkeys(ROWS))
def test_a_function_that_fails_on_a_worker(flink: Cluster, error: str, place: str) -> None:
    assert failure(error, place, flink.options) == failure(error, place)


def test_a_damaged_file_is_the_same_message(flink: Cluster, tmp_path: Path) -> None:
    """The beginning of the file is read in this process, the damage on a worker."""
    rows = "".join(f"text number {number} {number**7},{'ab'[number % 2]}\n" for number in range(50_000))
    damaged = tmp_path / "texts.csv.gz"
    damaged.write_bytes(gzip.compress(f"text,label\n{rows}".encode())[:-100])
    flags = ("--dataset=files", f"--source={damaged}", "--to=Ingestion", "--quiet")
    here, there = (run_local(tmp_path / name, *flags, *more) for name, more in (("a", ()), ("b", (flink.flag,))))
    [message] = [line for line in here.out.splitlines() if "is damaged: " in line]
    assert (here.code, there.code) == (3, 3), there.out
    assert message in there.out.splitlines()


@contextmanager
def workers_without(folder: Path, log: Path) -> Iterator[str]:
    """Starts a pool of workers to which `folder` looks empty. Yields its address."""
    port = free_port()
    pool = f"exec {sys.executable} -m pipeline.flink.local.workers 127.0.0.1 {port}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", f"mount -t tmpfs none {folder} && {pool}"], stdout=out, stderr=out
        )
    try:
        while not listens("127.0.0.1", port):
            if process.poll() is not None:
                pytest.skip(f"this user cannot mount a folder: {log.read_text().strip()}")
        yield f"127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        process.wait(30)


def test_workers_that_cannot_see_the_pipeline_root(flink: Cluster, tmp_path: Path) -> None:
    root = tmp_path / "hidden" / "root"
    root.parent.mkdir()
    with workers_without(root.parent, tmp_path / "pool.log") as at:
        ran = run_local(
            root, "--dataset=sample", "--to=Ingestion", flink.flag, f"--beam_args=--environment_config={at}"
        )
    assert ran.code == 1, ran.out
    assert (
        f"has no access to {root}; put the pipeline root on a disk that all workers mount at the same path" in ran.out
    )
    assert not list(root.glob("Ingestion/*"))
