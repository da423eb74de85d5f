"""Checks that a session of tests leaves nothing behind: no mount, no process, no file of Refit outside its folders."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.paths import PROJECT

MARK = "REFIT_TESTS"
"""The environment variable by which the processes of a session are found, orphans too."""
PATIENCE = 10
"""Seconds for processes to end."""
EXPECTED = ("refit-metadata-",)
"""Copies of a metadata file that this process deletes when it ends."""


@contextmanager
def none_left(base: Path) -> Iterator[None]:
    """Raises AssertionError after the block if something is left over. `base`: the folder of pytest for this session.

    During the block, this process and those that it starts write temporary files into one separate folder.
    """
    temporary = Path(tempfile.mkdtemp(prefix="refit-tests-"))  # short, because Chromium has sockets in it
    os.environ[MARK], os.environ["TMPDIR"], tempfile.tempdir = temporary.name, str(temporary), None
    before = set(PROJECT.iterdir())
    try:
        yield
        assert (found := processes(temporary.name)) == [], f"processes are left over: {found}"
        assert (found := mounts(base, temporary)) == [], f"mounts are left over: {found}"
        assert (found := files(temporary)) == [], f"files are left over: {found}"
        new = [path.name for path in set(PROJECT.iterdir()) - before if path.name == "runs" or "refit" in path.name]
        assert new == [], f"tests wrote into the project: {new}"
    finally:
        tempfile.tempdir = None
        del os.environ["TMPDIR"]
        shutil.rmtree(temporary, ignore_errors=True)


def processes(mark: str) -> list[str]:
    """The command lines of the processes with this mark, after they had time to end."""
    end = time.monotonic() + PATIENCE
    while found := list(marked(mark)):
        if time.monotonic() > end:
            return [" ".join(process.cmdline())[:200] for process in found]
        time.sleep(0.2)
    return []


def marked(mark: str) -> Iterator[psutil.Process]:
    """The processes with this mark that have not ended."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                helper = any("resource_tracker" in word for word in process.cmdline())  # Python's own, ends with us
                if process.status() != psutil.STATUS_ZOMBIE and not helper:
                    yield process
        except (psutil.Error, OSError):
            continue  # it has ended, or belongs to another user


def mounts(*folders: Path) -> list[str]:
    """The mounts in these folders."""
    table = Path("/proc/self/mounts")
    places = [line.split(" ")[1] for line in table.read_text().splitlines()] if table.is_file() else []
    return [place for place in places if any(Path(place).is_relative_to(folder) for folder in folders)]


def files(temporary: Path) -> list[str]:
    """The files and folders of Refit in the folder for temporary files."""
    names = [path.name for path in temporary.iterdir() if path.name.startswith(("refit", ".verify", "error-"))]
    return [name for name in names if not name.startswith(EXPECTED)]
