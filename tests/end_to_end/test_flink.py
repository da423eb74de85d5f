"""A Flink cluster on this machine gives the same bytes as this process."""

import shutil
from pathlib import Path

import pytest

from tests.support.command_line import Ran, run_local
from tests.support.flink_cluster import Cluster

FLAGS = ("--offline", "--dataset=sample", "--epochs=1", "--noreference", "--to=Evaluator", "--json")
PARALLEL = ("Ingestion", "StatisticsGen", "Preprocessing", "Evaluator")
"""The components that process their data with Beam."""

SHORT = ("--offline", "--dataset=sample", "--to=StatisticsGen", "--json")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A pipeline root whose artifacts this process has made, and how."""
    root = tmp_path_factory.mktemp("home") / "root"
    here = run_local(root, *FLAGS)
    assert here.code == 0, here.err
    return root, here


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_any_number_of_slots_gives_the_same_artifacts(
    flink: Cluster, home: tuple[Path, Ran], slots: int, tmp_path: Path
) -> None:
    root, here = home
    shutil.copytree(root, tmp_path / "there")
    on_slots = f"--beam_args=--parallelism={slots}"
    there = run_local(tmp_path / "there", *FLAGS, flink.flag, on_slots, f"--force={','.join(PARALLEL)}")
    assert there.code == 0, there.err
    assert there.digests == here.digests
    assert {name for name, status in there.statuses.items() if status == "EXECUTED"} == set(PARALLEL)
    again = run_local(tmp_path / "there", *FLAGS)  # at home: what the cluster made is cached
    assert "EXECUTED" not in again.statuses.values()


def test_a_short_run_on_two_slots_gives_the_same_artifacts(flink: Cluster, tmp_path: Path) -> None:
    """What continuous integration runs."""
    here = run_local(tmp_path / "here", *SHORT)
    there = run_local(tmp_path / "there", *SHORT, flink.flag, "--beam_args=--parallelism=2")
    assert there.code == 0, there.err
    assert there.digests == here.digests
    assert {name for name, status in there.statuses.items() if status == "EXECUTED"} >= set(PARALLEL[:2])
