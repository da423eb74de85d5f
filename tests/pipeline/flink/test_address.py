"""`--cluster`: a wrong address, version or setting is one clear message, soon and before anything is created."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest

import run_local
from pipeline.core.errors import ConfigError
from pipeline.flink import rest
from pipeline.flink.address import cluster_options
from pipeline.flink.local.processes import free_port
from pipeline.flink.rest import JobManager
from tests.support.job_manager import answers, job_manager

FORMS = [
    "spark",
    "flink://",
    "flink://host:0",
    "flink://host:65536",
    "flink://host:x",
    "flink://host/path",
    "http://h:1",
]
EXPECTED = "flink or flink://HOST:PORT is expected, for example flink://127.0.0.1:8081"

LOSES = "in a run, it lost the output of `finish_bundle`, mixed tagged outputs"

RUNNERS = {
    "--runner=DaskRunner": LOSES,
    "--runner dask": LOSES,
    "--runner=apache_beam.runners.dask.dask_runner.DaskRunner": LOSES,
    "--direct_num_workers=2 --direct_running_mode=multi_threading": "Beam could not read what its own threads",
    "--direct_running_mode multi_processing": "a run did not end after one of its processes was killed",
}

OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "not Flink": ({"/config": b"<html>"}, "what answers there is not a Flink job manager; start a cluster with"),
    "nothing there": ({}, "what answers there is not a Flink job manager"),
    "version": (answers("2.2.0"), "runs Flink 2.2.0, but Beam's job server needs Flink 1.19; start a cluster with"),
    "similar version": (answers("1.190.0"), "runs Flink 1.190.0, but Beam's job server needs Flink 1.19"),
    "form": (answers(refit__job_server="x"), "its setting refit.job-server is 'x', expected HOST:PORT; correct it"),
    "job server": (
        answers(refit__job_server="127.0.0.1:1"),
        "Beam's job server does not answer at 127.0.0.1:1 (Connection refused); start it again",
    ),
}
for given, _ in OTHERS.values():
    for entry in given.get("/jobmanager/config", []):
        entry["key"] = "refit.job-server"


def refused(tmp_path: Path, capfd: pytest.CaptureFixture[str], *flags: str) -> str:
    """Runs with the flags; returns the message, which must be the only output."""
    began, root = time.monotonic(), tmp_path / "root"
    assert run_local.main(["run_local.py", "--dataset=sample", f"--pipeline_root={root}", *flags]) == 2
    assert time.monotonic() - began < 15
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n"), root.exists()) == ("", 1, False)
    return said.err


@pytest.mark.parametrize("value", FORMS)
def test_another_form_is_refused(value: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert f"--cluster={value}: {EXPECTED}" in refused(tmp_path, capfd, f"--cluster={value}")


@pytest.mark.parametrize("options", RUNNERS)
def test_a_runner_that_loses_data_or_hangs_is_refused(
    options: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = refused(tmp_path, capfd, f"--beam_args={options}")
    assert "cannot be used: " in said
    assert RUNNERS[options] in said


@pytest.mark.parametrize("case", OTHERS)
def test_another_cluster_is_refused(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given, message = OTHERS[case]
    with job_manager(given) as manager:
        assert message in refused(tmp_path, capfd, manager.flag)


def test_a_port_without_a_program_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    said = refused(tmp_path, capfd, f"--cluster=flink://127.0.0.1:{port}")
    assert f"flink://127.0.0.1:{port}: no Flink job manager answers there (Connection refused); start a cluster" in said


def test_a_program_that_never_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "SECONDS", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(ConfigError, match=r"no answer in 0.2 seconds"),
    ):
        JobManager("127.0.0.1", silent.getsockname()[1]).version()


def test_two_runners_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="contradict each other"):
        cluster_options("flink", 1, tmp_path, ["--runner=PortableRunner"])


def test_the_cluster_itself_says_where_its_parts_are(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as jobs:
        at = f"127.0.0.1:{jobs.getsockname()[1]}"
        given = answers()
        settings = {"refit.job-server": at, "refit.workers": "10.0.0.7:9", "taskmanager.numberOfTaskSlots": "3"}
        given["/jobmanager/config"] = [{"key": key, "value": value} for key, value in settings.items()]
        with job_manager(given) as manager:
            options = cluster_options(manager.flag.partition("=")[2], 7, tmp_path, ["--parallelism=2"])
    assert {
        f"--job_endpoint={at}",
        "--environment_type=EXTERNAL",
        "--environment_config=10.0.0.7:9",
        "--sdk_worker_parallelism=3",
        f"--cluster_folder={tmp_path}",
    } <= set(options)
    assert options[-1] == "--parallelism=2"
