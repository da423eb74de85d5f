"""Turns the failure of a job into one clear error. Beam reports the traces of Java and Python as one text."""

import builtins
import re
from collections.abc import Iterator

import grpc

from pipeline.core.errors import PipelineError, UnavailableError
from pipeline.flink.rest import JobManager

_RAISED = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)+(?:[\w.]+\.)?(\w+): ")
"""A Python traceback up to the message, whose first line is the first one that is not indented."""

_JAVA = re.compile(r"\n\s*\tat ")
"""Where the trace of Java begins after it."""

STEP = re.compile(r" \[while running '[^\n]*'\]")
"""What Beam adds to that line, which may have several lines itself."""

_AGAIN = (
    "start the cluster again if it is gone (`make cluster`), and run the same command again: what is finished is cached"
)

LOST = {
    "NoResourceAvailable": "it has too few free slots",
    "Could not acquire the minimum required resources": "it has too few free slots",
    "Timeout has occurred": "it did not get enough free slots in time",
    "is no longer reachable": "it lost a task manager",
    "RecipientUnreachableException": "it lost a task manager",
    "heartbeat of TaskManager": "it lost a task manager",
    "TaskManager with id": "it lost a task manager",
    "Failed to connect to": "its workers do not answer",
    "SDK Harness": "it lost a worker",
    "StatusRuntimeException": "it lost a worker",
}
"""What texts in Java's trace mean."""


def failure_of(error: Exception, manager: JobManager) -> Exception:
    """Returns the error that a function on a worker raised, or one that says what the cluster lost.

    A built-in error has Beam's step in its message, because Beam adds it in this process, too.
    """
    if isinstance(error, grpc.RpcError | grpc.FutureTimeoutError):
        return UnavailableError(f"{manager}: Beam's job server does not answer any more; {_AGAIN}")
    text = str(error)
    if STEP.search(text):
        return _raised(text, manager)
    if "ModuleNotFoundError" in text:
        return PipelineError(f"the workers of {manager} cannot import Refit or a library; install its wheel there")
    if _RAISED.search(text):  # Beam does not name the step of a function that combines
        return _raised(text, manager)
    for mark, meaning in LOST.items():
        if mark in text:
            return UnavailableError(f"{manager} could not finish the job: {meaning}; {_AGAIN}")
    return PipelineError(f"{manager} could not finish the job: {text.strip()[:2000]}")


def _raised(text: str, manager: JobManager) -> Exception:
    """Returns the error that a function on a worker raised."""
    known = {cls.__name__: cls for cls in _subclasses(PipelineError)}
    end = STEP.search(text) or _JAVA.search(text)
    before = text[: end.start()] if end else text
    *_, last = [None, *_RAISED.finditer(before)]
    if last is None:
        return PipelineError(f"{manager} could not finish the job: {text.strip()[:2000]}")
    message = before[last.end() :].rstrip("\n")
    if last[1] in known:
        return known[last[1]](message)
    if is_builtin(last[1]):
        return getattr(builtins, last[1])(message + (end[0] if end and end.re is STEP else ""))
    return PipelineError(f"a worker of {manager} failed: {last[1]}: {message}")


def is_builtin(name: str) -> bool:
    """Whether a name is a built-in error that takes a message."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, Exception) and not issubclass(found, UnicodeError)


def _subclasses(cls: type[PipelineError]) -> Iterator[type[PipelineError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from _subclasses(below)
