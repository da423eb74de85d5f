"""What Beam reports about a failed job becomes one clear error. The texts are shortened from real failures."""

import logging
import socket
from pathlib import Path

import grpc
import pytest

import run_local
from pipeline.core.errors import DataError, PipelineError, UnavailableError
from pipeline.flink.failures import failure_of
from pipeline.flink.rest import JobManager
from pipeline.flink.runner import wait_for_slots
from tests.support.job_manager import answers, job_manager

MANAGER = JobManager("127.0.0.1", 8081)

BEGIN = """Pipeline refit-1_2 failed in state FAILED: java.lang.RuntimeException: Error received from SDK harness for \
instruction 1: Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1512, in apache_beam.runners.common.DoFnRunner.process
    wrapper = lambda x: [fn(x)]
"""
AGAIN = """

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "apache_beam/runners/worker/sdk_worker.py", line 310, in _execute
    response = task()
"""
END = (
    "\n\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient$ResponseStreamObserver.onNext(FnApi.java:1)"
)


def raised(name: str, message: str) -> str:
    """The error twice, as Python prints it: as it was raised, and again with the step of the pipeline."""
    return f"{BEGIN}{name}: {message}{AGAIN}{name}: {message} [while running 'Map(read)']{END}"


LABEL = "row 3: the label is 'x'\n  a: 1\nexpected: one of a, b"

ROWS: dict[str, tuple[Exception, type[Exception], str]] = {
    "our error": (RuntimeError(raised("pipeline.core.errors.DataError", LABEL)), DataError, LABEL),
    "another error": (
        RuntimeError(raised("ValueError", "invalid literal for int() with base 10: 'x'")),
        ValueError,
        "invalid literal for int() with base 10: 'x' [while running 'Map(read)']",
    ),
    "an error of a library": (
        RuntimeError(raised("pyarrow.lib.ArrowInvalid", "x is not valid")),
        PipelineError,
        "a worker of flink://127.0.0.1:8081 failed: ArrowInvalid: x is not valid",
    ),
    "without a step": (
        RuntimeError(f"{BEGIN}pipeline.core.errors.DataError: {LABEL}\n{END}"),
        DataError,
        LABEL,
    ),
    "without a step, at the end": (RuntimeError(f"{BEGIN}pipeline.core.errors.DataError: {LABEL}\n"), DataError, LABEL),
    "no Refit": (
        RuntimeError(f"{BEGIN}ModuleNotFoundError: No module named 'pipeline'{END}"),
        PipelineError,
        "the workers of flink://127.0.0.1:8081 cannot import Refit or a library; install its wheel there",
    ),
    "no slots": (
        RuntimeError("Pipeline refit-1_2 failed in state FAILED: java.util.concurrent.TimeoutException: Timeout has "
                     "occurred: 30000 ms"),
        UnavailableError,
        "flink://127.0.0.1:8081 could not finish the job: it did not get enough free slots in time; start the cluster "
        "again if it is gone (`make cluster`), and run the same command again: what is finished is cached",
    ),
    "task manager": (
        RuntimeError("Pipeline refit-1_2 failed in state FAILED: org.apache.flink.runtime.rpc.exceptions."
                     "RecipientUnreachableException: Could not send message [RemoteRpcInvocation(null.cancelTask)]"),
        UnavailableError,
        "flink://127.0.0.1:8081 could not finish the job: it lost a task manager; start the cluster again if it is "
        "gone (`make cluster`), and run the same command again: what is finished is cached",
    ),
    "job server": (
        grpc.RpcError("UNAVAILABLE"),
        UnavailableError,
        "flink://127.0.0.1:8081: Beam's job server does not answer any more; start the cluster again if it is gone "
        "(`make cluster`), and run the same command again: what is finished is cached",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_a_failure_says_what_happened(case: str) -> None:
    error, cls, message = ROWS[case]
    found = failure_of(error, MANAGER)
    assert (type(found), str(found)) == (cls, message)


def test_without_a_free_slot_it_waits_and_then_gives_up(caplog: pytest.LogCaptureFixture) -> None:
    with job_manager(answers(slots=4, free=0)) as manager, caplog.at_level(logging.INFO, "refit"):
        at = JobManager("127.0.0.1", manager.port)
        with pytest.raises(
            UnavailableError, match=r"has no free slot after 0.5 seconds \(4 in all\); wait for its other"
        ):
            wait_for_slots(at, 0.5)
        assert [record.getMessage() for record in caplog.records] == [
            f"waiting for a free slot of {at} (4 in all), up to 0.5 seconds"
        ]
        manager.answers["/overview"]["slots-available"] = 3
        assert wait_for_slots(at, 0) == 3


def test_a_job_is_cancelled_by_its_name() -> None:
    with job_manager(answers()) as manager:
        jobs = [("a", "refit-1", "FINISHED"), ("b", "refit-1", "RUNNING"), ("c", "refit-2", "RUNNING")]
        manager.answers["/jobs/overview"] = {"jobs": [{"jid": j, "name": n, "state": s} for j, n, s in jobs]}
        JobManager("127.0.0.1", manager.port).cancel("refit-1")
        assert [line for line in manager.asked if line.startswith("PATCH")] == ["PATCH /jobs/b?mode=cancel"]


def test_a_run_without_a_free_slot_fails_after_the_timeout(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as jobs:
        given = answers(slots=2, free=0)
        given["/jobmanager/config"] = [{"key": "refit.job-server", "value": f"127.0.0.1:{jobs.getsockname()[1]}"}]
        with job_manager(given) as manager:
            flags = ["--dataset=sample", "--to=Ingestion", manager.flag, "--cluster_timeout=0.5"]
            assert run_local.main(["run_local.py", f"--pipeline_root={tmp_path / 'root'}", *flags]) == 1
    said = capfd.readouterr()
    at = f"flink://127.0.0.1:{manager.port}"
    assert f"waiting for a free slot of {at} (2 in all), up to 0.5 seconds" in said.out + said.err
    assert f"{at} has no free slot after 0.5 seconds (2 in all); wait for its other jobs, add" in said.out + said.err
    assert not list((tmp_path / "root").glob("Ingestion/*"))
