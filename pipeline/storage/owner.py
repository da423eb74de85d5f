"""Who runs an execution: enough to tell later whether that very process still lives."""

import functools
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Owner:
    """A process. Its number alone would not do: numbers are used again, after a reboot at the latest."""

    host: str
    pid: int
    started: float
    """Seconds since 1970."""
    boot_id: str

    @classmethod
    def current(cls) -> "Owner":
        """This process."""
        return _current(os.getpid())

    def to_json(self) -> dict[str, str | int | float]:
        """Its fields."""
        return asdict(self)

    def alive(self) -> bool:
        """Whether it still runs. A process of another host is taken to live: it cannot be seen from here."""
        if self.host != socket.gethostname():
            return True
        if self.boot_id != _boot_id():
            return False
        try:
            # Within a hundredth of a second: the start is counted in clock ticks.
            return abs(psutil.Process(self.pid).create_time() - self.started) < 0.01
        except psutil.NoSuchProcess:
            return False


@functools.cache  # by its number, for a child of this process has another
def _current(pid: int) -> Owner:
    return Owner(socket.gethostname(), pid, psutil.Process(pid).create_time(), _boot_id())


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.is_file() else str(psutil.boot_time())
