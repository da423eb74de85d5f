"""An S3 server (moto) as a process on loopback, and hosts that share a pipeline root in one of its buckets."""

import io
import itertools
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import boto3

from pipeline.cli import command_line
from tests.support import note_app

BUCKET, SECRET = "bucket", "a-secret-that-must-not-be-shown"

KEYS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}

_numbers = itertools.count(1)


@dataclass
class Store:
    """A running server."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_root(self) -> str:
        """The URL of a pipeline root that does not exist yet."""
        return f"s3://{BUCKET}/root-{next(_numbers)}"

    def requests(self, method: str, root: str) -> Counter[str]:
        """How often each object below a root was requested since the server began, from the server's own log."""
        found = re.findall(rf'"{method} /{BUCKET}/({root.rpartition("/")[2]}/[^ ?]*)[^"]*" 20', self.log.read_text())
        return Counter(found)

    def keys(self, root: str) -> set[str]:
        """The names of all objects below a root."""
        prefix = root.rpartition("/")[2]
        page = urllib.request.urlopen(f"{self.address}/{BUCKET}?list-type=2&prefix={prefix}/").read().decode()
        return set(re.findall(rf"<Key>{prefix}/([^<]+)</Key>", page))

    def object(self, root: str, key: str) -> bytes:
        """The content of an object below a root."""
        names = {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "region_name": KEYS["AWS_REGION"]}
        client = boto3.client("s3", endpoint_url=self.address, aws_secret_access_key=SECRET, **names)
        found = client.get_object(Bucket=BUCKET, Key=f"{root.rpartition('/')[2]}/{key}")
        return bytes(found["Body"].read())


@dataclass(frozen=True)
class Host:
    """A host with its own local copies. All hosts of a test are this machine."""

    cache: Path
    address: str
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GOOGLE_"))}
        own = {"REFIT_CACHE": str(self.cache), "AWS_ENDPOINT_URL": self.address, **KEYS}
        return {**kept, **own, "REFIT_LEASE_SECONDS": "12", **self.more}

    def start(self, app: str, *arguments: str) -> "subprocess.Popen[str]":
        """Starts a program of `tests.support`."""
        command = [sys.executable, "-m", f"tests.support.{app}", *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )

    def __call__(self, app: str, *arguments: str, code: int = 0) -> str:
        """Runs a program of `tests.support`, and returns what it printed.

        Notes run in this process, which is ten times faster: they have no database that only one process may open.
        """
        if app == "note_app":
            found, out, err = self._here(*arguments)
        else:
            out, err = (process := self.start(app, *arguments)).communicate(timeout=250)
            found = process.returncode
        assert found == code, (out, err)
        return out if code == 0 else err

    def _here(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with self.entered(), redirect_stdout(out), redirect_stderr(err):
            code = command_line.main(note_app.APP, ["note_app.py", *arguments])
        return code, out.getvalue(), err.getvalue()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Makes this process one of the host during the block."""
        with patch.dict(os.environ, self.environment, clear=True):
            yield

    def notes(self, root: str) -> list[str]:
        return self("note_app", "notes", f"--pipeline_root={root}").split()


@contextmanager
def serve(folder: Path) -> Iterator[Store]:
    """Runs the server, and creates the bucket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "moto.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=stream, stderr=stream
        )
    store = Store(port, log, process)
    try:
        _create_bucket(store)
        yield store
    finally:
        process.kill()
        process.wait()


def _create_bucket(store: Store) -> None:
    end = time.monotonic() + 240
    request = urllib.request.Request(
        f"{store.address}/{BUCKET}", method="PUT", headers={"Authorization": "AWS a-key:x"}
    )
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(request).close()
            return
        except ConnectionError:
            time.sleep(0.1)
        except OSError as error:
            if "refused" not in str(error):
                raise
            time.sleep(0.1)
    raise TimeoutError(store.log.read_text())
