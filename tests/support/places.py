"""Places that need rights of the system: mounts and other users. A test skips with the reason where it has none."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

GROUP = 65_534
USERS = (61_234, 61_235)
"""Two users of one group."""


@contextmanager
def mounted(target: Path, *commands: Sequence[str]) -> Iterator[Path]:
    """Mounts on `target` during the block."""
    target.mkdir(parents=True, exist_ok=True)
    is_mounted = False
    try:
        for command in commands:
            done = subprocess.run(["mount", *command, str(target)], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"cannot mount here: {done.stderr.strip()}")
            is_mounted = True
        yield target
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(target)], check=True)


def read_only(source: Path, target: Path) -> AbstractContextManager[Path]:
    """Mounts `source` on `target` without the right to write."""
    return mounted(target, ["--bind", str(source)], ["-o", "remount,ro,bind"])


def full_after(size: str, target: Path) -> AbstractContextManager[Path]:
    """Mounts a file system of that size on `target`."""
    return mounted(target, ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"])


def as_user(user: int, command: Sequence[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a Python command line as another user of the group, with umask 002."""
    switch = ["setpriv", f"--reuid={user}", f"--regid={GROUP}", "--clear-groups"]
    try:
        tried = subprocess.run([*switch, sys.executable, "-c", "import absl"], capture_output=True, check=False)
    except OSError as error:
        pytest.skip(f"cannot become another user: {error}")
    if tried.returncode:
        pytest.skip("cannot become another user, or Python cannot be started by one")
    return subprocess.run(
        [*switch, sys.executable, *command], capture_output=True, text=True, check=False, cwd=home, umask=0o002,
        env={**os.environ, "HOME": str(home), "TMPDIR": "/tmp"},
    )  # fmt: skip


def snapshot(root: Path) -> dict[str, tuple[int, int, int]]:
    """Size, time and mode of everything in a folder."""
    found = [root, *root.rglob("*")]
    return {
        path.relative_to(root).as_posix(): (about.st_size, about.st_mtime_ns, about.st_mode)
        for path in found
        for about in [path.lstat()]
    }
