"""A server process of the command `serve`, and a client for it."""

import json
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.support.paths import PROJECT


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Message

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def version(self) -> int:
        return int(self.headers["x-model-version"])


class ServingProcess:
    """`run_local.py serve`, on a free port. It is killed at the end of the block unless it was stopped."""

    def __init__(
        self, serving_dir: Path | None, *flags: str, token: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        """`serving_dir`: None: the one of the pipeline root; `environment`: None: that of this process."""
        named = [f"--serving_dir={serving_dir}"] if serving_dir else []
        command = [sys.executable, "run_local.py", "serve", *named, "--port=0", *flags]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, **pipes)
        assert self.process.stdout
        self.first = self.process.stdout.readline()
        found = re.search(r" at (http://\S+);", self.first)
        if not found:
            printed = self.first + self.process.communicate()[0]
            raise AssertionError(f"the server did not start: {printed}")
        self.url, self.token = found[1], token
        self.lines: list[str] = []
        """What the server printed after its first line."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def __enter__(self) -> "ServingProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, path: str, body: object = None, method: str | None = None, **headers: str) -> Answer:
        """Sends a request. `body`: bytes, or an object to send as JSON; `headers`: `_` stands for `-`."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in named:
            named["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return Answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), error.headers)

    def metric(self, name: str) -> float:
        """Returns a measurement, `name` with its labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.ask("/metrics").body.decode(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, and returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self._reader.join()
        return code
