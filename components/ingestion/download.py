"""Downloads a file completely or not at all. Light to import."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from components.ingestion.source import Log
from pipeline.core.errors import UnavailableError

if TYPE_CHECKING:
    from http.client import HTTPResponse

CONNECT_SECONDS = 5.0
"""The longest time that a server may take to answer."""

STALL_SECONDS = 30.0
"""The longest time without data before a download fails."""

_BLOCK = 64 * 1024


def unreachable(url: str, timeout: float = CONNECT_SECONDS) -> str | None:
    """Returns why `url` cannot be downloaded, after waiting at most `timeout` seconds; None if it can."""
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    answers: list[str | None] = []

    def ask() -> None:
        request = Request(url, method="HEAD")
        try:
            with urlopen(request, timeout=timeout) as response:
                answers.append(None if response.status == 200 else f"the server answers {response.status}")
        except (OSError, HTTPException) as error:  # URLError is an OSError
            answers.append(str(error))

    # A thread, because urlopen's timeout does not cover a name server that does not answer.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    return answers[0] if answers else f"no answer within {timeout:g} s"


def download(url: str, target: Path, log: Log) -> None:
    """Downloads `url` to `target` and logs each tenth of it. After a failure no partial file is left.

    Raises UnavailableError if the server does not answer within CONNECT_SECONDS, or the download fails or ends early.
    """
    from http.client import HTTPException
    from urllib.request import urlopen

    if why := unreachable(url):
        raise UnavailableError(f"{url} cannot be downloaded: {why}")
    try:
        with urlopen(url, timeout=STALL_SECONDS) as response:
            _receive(cast("HTTPResponse", response), url, target, log)
    except (OSError, HTTPException) as error:
        raise UnavailableError(f"{url} cannot be downloaded: {error}") from error


def _receive(response: "HTTPResponse", url: str, target: Path, log: Log) -> None:
    # An unnamed file until it is complete: even a killed process leaves no partial file.
    with tempfile.TemporaryFile() as file:
        for block in _blocks(response, url, log):
            file.write(block)
        file.seek(0)
        target.parent.mkdir(parents=True, exist_ok=True)
        complete = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with complete.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            complete.replace(target)
        finally:
            complete.unlink(missing_ok=True)


def _blocks(response: "HTTPResponse", url: str, log: Log) -> Iterator[bytes]:
    size = int(response.headers.get("Content-Length") or 0)
    done = tenths = 0
    while block := response.read(_BLOCK):
        yield block
        done += len(block)
        if size and done * 10 // size > tenths:
            tenths = done * 10 // size
            log(f"downloading {url}: {done / 1e6:.1f} of {size / 1e6:.1f} MB")
    if size and done != size:
        raise UnavailableError(f"{url} ended after {done:,} of {size:,} bytes; try again")
