"""The process that runs an execution, described so that another process can check whether it is still alive."""

import functools
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Owner:
    """A process. Its process id alone is not enough, because the system uses ids again, for example after a reboot."""

    host: str
    pid: int
    started: float
    """Start time in seconds since 1970."""
    boot_id: str

    @classmethod
    def current(cls) -> "Owner":
        """Describes this process."""
        return _current(os.getpid())

    @classmethod
    def of(cls, pid: int) -> "Owner":
        """Describes a process of this machine."""
        return Owner(socket.gethostname(), pid, psutil.Process(pid).create_time(), _boot_id())

    def to_json(self) -> dict[str, str | int | float]:
        """Returns the fields as a dictionary."""
        return asdict(self)

    def alive(self) -> bool:
        """Returns whether the process still runs. A process on another host counts as alive: it cannot be checked."""
        if self.host != socket.gethostname():
            return True
        if self.boot_id != _boot_id():
            return False
        try:
            # The system counts the start time in clock ticks of a hundredth of a second.
            return abs(psutil.Process(self.pid).create_time() - self.started) < 0.01
        except psutil.NoSuchProcess:
            return False


@functools.cache  # by process id, because a forked child has another one
def _current(pid: int) -> Owner:
    return Owner.of(pid)


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.is_file() else str(psutil.boot_time())
