"""The processes of the workers: starts them, waits until they have connected, and ends them."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

from components.trainer.workers import meet, worker
from pipeline.core.errors import PipelineError
from pipeline.execution import ends_with_parent

PROGRAM = f"""
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from {worker.__name__} import main
sys.exit(main(*map(int, sys.argv[2:])))
"""
"""It imports from the same folders as this process. The arguments: the folders, and those of `worker.main`."""

POLL = 0.2
"""Seconds between two looks at processes that have not connected."""


class Processes:
    """The workers of one training, as a context manager. When it is left, none of them is running."""

    def __init__(self, number: int, folder: Path) -> None:
        """`folder`: for the logs of the workers."""
        self.number, self.folder = number, folder
        self.links: list[socket.socket] = []
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Processes":
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.kill()
        for process in self._started:
            process.wait()
        for link in self.links:
            link.close()

    def ended(self, index: int) -> PipelineError:
        """Returns the error for a worker that has ended, with the last line of its log."""
        process = self._started[index]
        try:
            code = process.wait(meet.PATIENCE)  # the connection is closed before the process has ended
        except subprocess.TimeoutExpired:
            code = 0
        log = self._log(index)
        last = (log.read_text(errors="replace").strip().splitlines() or ["its log is empty"])[-1]
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}: {last}"
        return PipelineError(
            f"worker {index} of {self.number} {how}; its log is {log}; run the same command again: it resumes after "
            "the last complete epoch"
        )

    def _connect(self) -> None:
        """Starts the workers and waits for them. Others that connect are ignored: they do not know the key."""
        key = secrets.token_hex(32)
        found: dict[int, socket.socket] = {}
        with socket.create_server((meet.HOST, 0)) as server:
            server.settimeout(POLL)
            for index in range(self.number):
                self._started.append(self._start(index, server.getsockname()[1], key))
            while len(found) < self.number:
                try:
                    link, _ = server.accept()
                except TimeoutError:
                    for index, process in enumerate(self._started):
                        if process.poll() is not None:
                            raise self.ended(index) from None
                    continue
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                number = meet.accept(link, bytes.fromhex(key))
                if number is None or number in found:
                    link.close()
                else:
                    found[number] = link
        self.links += [found[index] for index in range(self.number)]

    def _start(self, index: int, port: int, key: str) -> subprocess.Popen[bytes]:
        # A run that is killed must not leave a worker behind.
        start = [sys.executable, "-I", "-S", ends_with_parent.__file__, str(os.getpid())]
        command = [*start, sys.executable, "-P", "-c", PROGRAM, json.dumps(sys.path), str(port), str(index)]
        with self._log(index).open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, worker.KEY: key},
                start_new_session=True,  # Ctrl-C is for the component, which ends its workers
            )

    def _log(self, index: int) -> Path:
        return self.folder / f"worker-{index}.log"
