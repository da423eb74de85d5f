"""The processes of a cluster on this machine: starts them, finds them again, and stops them."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.core.errors import PipelineError
from pipeline.storage.owner import Owner

STARTED_WITHIN, STOPPED_WITHIN = 300, 10
"""Seconds."""


@dataclass(frozen=True)
class Processes:
    """The processes that were started from a folder, which has their logs and a list of them."""

    folder: Path

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Starts a process that outlives this one, with its output in `NAME.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
        self._write({**self._read(), name: Owner.of(process.pid)})

    def alive(self) -> dict[str, int]:
        """The process id of each process that runs, by name."""
        return {name: owner.pid for name, owner in self._read().items() if owner.alive()}

    def lost(self) -> list[str]:
        """The names of the processes that have ended although nothing stopped them."""
        return sorted(self._read().keys() - self.alive().keys())

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Waits until `ready`. Raises PipelineError if a process ends before, or after STARTED_WITHIN."""
        end = time.monotonic() + STARTED_WITHIN
        while not ready():
            dead = self.lost()
            if dead or time.monotonic() > end:
                reason = f"{dead[0]} has ended" if dead else f"{what} is not ready after {STARTED_WITHIN} seconds"
                log = self.folder / f"{dead[0] if dead else what}.log"
                raise PipelineError(f"the cluster did not start: {reason}; the last lines of {log}:\n{_tail(log)}")
            time.sleep(0.1)

    def stop(self) -> list[str]:
        """Ends all processes, also those that they have started, and returns their names."""
        alive = self.alive()
        found = []
        for pid in alive.values():
            try:
                process = psutil.Process(pid)
                found += [process, *process.children(recursive=True)]
                process.send_signal(signal.SIGTERM)
            except psutil.NoSuchProcess:
                continue
        _, left = psutil.wait_procs(found, STOPPED_WITHIN)
        for process in left:
            process.kill()
        psutil.wait_procs(left, STOPPED_WITHIN)
        self._list.unlink(missing_ok=True)
        return list(alive)

    @property
    def _list(self) -> Path:
        return self.folder / "processes.json"

    def _read(self) -> dict[str, Owner]:
        if not self._list.is_file():
            return {}
        return {name: Owner(**fields) for name, fields in json.loads(self._list.read_text()).items()}

    def _write(self, owners: Mapping[str, Owner]) -> None:
        self._list.write_text(json.dumps({name: owner.to_json() for name, owner in owners.items()}, indent=2))


def free_port() -> int:
    """A port of the loopback interface that no program uses now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def listens(host: str, port: int, seconds: float = 1.0) -> bool:
    """Whether a program accepts connections there."""
    try:
        socket.create_connection((host, port), seconds).close()
    except OSError:
        return False
    return True


def _tail(log: Path, lines: int = 5) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.is_file() else ""
