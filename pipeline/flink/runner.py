"""The Beam runner for `--cluster`: waits for a slot, checks the workers once, and turns failures into clear errors.

Beam imports it by name, because no component may depend on it: a change here must not run components again.
"""

import logging
import threading
import time
import uuid
from argparse import ArgumentParser
from typing import Any

import grpc
from apache_beam.options.pipeline_options import FlinkRunnerOptions, GoogleCloudOptions, PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.runner import PipelineResult

from pipeline.core.errors import UnavailableError
from pipeline.execution import signals
from pipeline.flink.address import parse_cluster
from pipeline.flink.failures import failure_of
from pipeline.flink.handshake import check_workers
from pipeline.flink.rest import JobManager

logger = logging.getLogger("refit")

POLL_SECONDS = 0.2

_checked: set[tuple[JobManager, str]] = set()
"""The clusters whose workers this process has checked, each with the folder that they see."""


class ClusterOptions(PipelineOptions):
    """What `pipeline.flink.address` passes on."""

    @classmethod
    def _add_argparse_args(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--cluster_manager", help="address of the job manager")
        parser.add_argument("--cluster_timeout", type=float, help="seconds to wait for a free slot")
        parser.add_argument("--cluster_folder", help="folder that every worker must see")


class ClusterRunner(PortableRunner):
    """Runs a pipeline through Beam's job server on the cluster, and waits for its end."""

    def run_portable_pipeline(self, pipeline: beam_runner_api_pb2.Pipeline, options: PipelineOptions) -> PipelineResult:
        given = options.view_as(ClusterOptions)
        manager, folder = parse_cluster(given.cluster_manager), str(given.cluster_folder)
        if (manager, folder) not in _checked:
            _checked.add((manager, folder))  # before, because the check is a pipeline on this runner
            try:
                check_workers(manager, folder, options)
            except BaseException:
                _checked.discard((manager, folder))
                raise
        free = wait_for_slots(manager, given.cluster_timeout)
        flink = options.view_as(FlinkRunnerOptions)
        if flink.parallelism < 1:
            flink.parallelism = free
        name = options.view_as(GoogleCloudOptions).job_name = f"refit-{uuid.uuid4().hex}"
        try:
            result = super().run_portable_pipeline(pipeline, options)
            _wait(result)
        except (RuntimeError, grpc.RpcError, grpc.FutureTimeoutError) as error:
            manager.cancel(name)  # a job outlives the job server
            raise failure_of(error, manager) from error
        return result


def wait_for_slots(manager: JobManager, timeout: float) -> int:
    """Waits until the cluster has a free slot, and returns the number of free slots.

    Raises UnavailableError after `timeout` seconds.
    """
    end, said = time.monotonic() + timeout, False
    while True:
        total, free = manager.slots()
        if free:
            return free
        if time.monotonic() > end:
            raise UnavailableError(
                f"{manager} has no free slot after {timeout:g} seconds ({total} in all); wait for its other jobs, add "
                "a task manager, or raise --cluster_timeout"
            )
        if not said:
            logger.info("waiting for a free slot of %s (%d in all), up to %g seconds", manager, total, timeout)
            said = True
        signals.check()
        time.sleep(POLL_SECONDS)


def _wait(result: Any) -> None:
    """Waits for the end of a job. After a signal it cancels the job and raises KeyboardInterrupt."""
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            result.wait_until_finish()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL_SECONDS)
            signals.check()
    except KeyboardInterrupt:
        result.cancel()
        raise
    if raised:
        raise raised[0]
