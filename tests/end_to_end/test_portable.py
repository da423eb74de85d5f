"""Every data-parallel step on a remote Beam runner gives the same bytes as in this process."""

from pathlib import Path

import pytest

from tests.support.command_line import run_local
from tests.support.portable import cluster

FLAGS = ("--offline", "--dataset=sample", "--epochs=1", "--json")


@pytest.mark.slow
def test_a_remote_runner_gives_the_same_artifacts(tmp_path: Path) -> None:
    here = run_local(tmp_path / "here", *FLAGS)
    with cluster(tmp_path) as beam_args:
        there = run_local(tmp_path / "there", *FLAGS, f"--beam_args={beam_args}")
    assert there.code == 0, there.err
    assert "EXECUTED" in there.statuses["Ingestion"]
    assert there.digests == here.digests
    log = (tmp_path / "cluster.log").read_text()
    assert "Traceback" not in log, log
