"""A program that sends itself a signal at a chosen call of a function of the engine, to test every point of a run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PROGRAM = """
import os, signal, sys
from tests.support import toy, {app}
import components.pusher.current_version, components.pusher.publish, components.pusher.rollback
import pipeline.execution.launcher, pipeline.metadata.store, pipeline.storage.durable
import pipeline.remote.session, pipeline.storage.manifest
import pipeline.storage.staging, pipeline.storage.workspace
from pipeline.cli import command_line
holder, name, when, number = {holder}, {name!r}, {when!r}, {number}
original, calls = getattr(holder, name), 0

def signalled(*arguments, **named):
    global calls
    calls += 1
    mine = calls  # other threads may call it too
    if mine == number and when == "before":
        os.kill(os.getpid(), {sign})
    result = original(*arguments, **named)
    if mine == number and when == "after":
        os.kill(os.getpid(), {sign})
    return result

setattr(holder, name, signalled)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent process may ignore it
command_line.console({app}.APP)
"""


@dataclass(frozen=True)
class Point:
    """Before or after the call with this number of a function."""

    holder: str
    """The module or class of the function."""
    name: str
    when: str
    number: int


def run_until(
    point: Point,
    arguments: Sequence[str],
    app: str = "toy_app",
    sign: int = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
    while_stopped: Callable[[], None] = lambda: None,
) -> subprocess.CompletedProcess[str]:
    """Runs a command line of a program of `tests.support`, which sends itself the signal at the point.

    A process that stops itself is continued, after a call of `while_stopped`.
    """
    program = PROGRAM.format(app=app, holder=point.holder, name=point.name, when=point.when, number=point.number,
                             sign=int(sign))  # fmt: skip
    command = [sys.executable, "-c", program, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if sign == signal.SIGSTOP:
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        try:
            while_stopped()
        finally:
            process.send_signal(signal.SIGCONT)
    out, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, err)
