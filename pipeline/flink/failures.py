"""Turns the failure of a job into one clear error. Beam reports the traces of Java and Python as one text."""

import re
from collections.abc import Iterator

import grpc

from pipeline.core.errors import PipelineError, UnavailableError
from pipeline.flink.rest import JobManager

_RAISED = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception)): ", re.MULTILINE)
"""The beginning of the last line of a Python traceback."""

STEP = " [while running '"
"""What Beam adds to that line, which may have several lines itself."""

_AGAIN = (
    "start the cluster again if it is gone (`make cluster`), and run the same command again: what is finished is cached"
)

LOST = {
    "NoResourceAvailable": "it has too few free slots",
    "Could not acquire the minimum required resources": "it has too few free slots",
    "Timeout has occurred": "it did not get enough free slots in time",
    "is no longer reachable": "it lost a task manager",
    "heartbeat of TaskManager": "it lost a task manager",
    "TaskManager with id": "it lost a task manager",
    "Failed to connect to": "its workers do not answer",
    "SDK Harness": "it lost a worker",
    "StatusRuntimeException": "it lost a worker",
}
"""What texts in Java's trace mean."""


def failure_of(error: Exception, manager: JobManager) -> PipelineError:
    """Returns the error that a function on a worker raised, or one that says what the cluster lost."""
    if isinstance(error, grpc.RpcError | grpc.FutureTimeoutError):
        return UnavailableError(f"{manager}: Beam's job server does not answer any more; {_AGAIN}")
    text = str(error)
    known = {cls.__name__: cls for cls in _subclasses(PipelineError)}
    if STEP in text:
        before = text.partition(STEP)[0]
        for raised in [*_RAISED.finditer(before)][-1:]:
            message = before[raised.end() :]
            if raised[1] in known:
                return known[raised[1]](message)
            return PipelineError(f"a worker of {manager} failed: {raised[1]}: {message}")
    if "ModuleNotFoundError" in text:
        return PipelineError(f"the workers of {manager} cannot import Refit or a library; install its wheel there")
    for mark, meaning in LOST.items():
        if mark in text:
            return UnavailableError(f"{manager} could not finish the job: {meaning}; {_AGAIN}")
    return PipelineError(f"{manager} could not finish the job: {text.strip()[:2000]}")


def _subclasses(cls: type[PipelineError]) -> Iterator[type[PipelineError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from _subclasses(below)
