"""Samples the peak memory of a run, and of the processes of a cluster that work for it."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psutil

INTERVAL = 0.2
"""Seconds between samples."""


@dataclass
class Peaks:
    """MiB of resident memory. 0 where there is no such process."""

    driver: float = 0
    workers: float = 0
    """Of the largest worker."""
    java: float = 0
    """Of the largest process of Java."""


def peaks(run: "subprocess.Popen[bytes]", parts: Mapping[str, int]) -> Peaks:
    """Waits for the end of `run`, and returns the peaks until then. `parts`: the process ids of a cluster by name."""
    found = Peaks()
    java = [psutil.Process(pid) for name, pid in parts.items() if name != "workers"]
    while True:
        # Only wait4 returns the peak memory of this process alone.
        pid, status, usage = os.wait4(run.pid, os.WNOHANG)
        if pid:
            run.returncode = os.waitstatus_to_exitcode(status)
            found.driver = usage.ru_maxrss / 2**10
            return found
        found.java = max([found.java, *map(resident, java)])
        if "workers" in parts:
            found.workers = max([found.workers, *map(resident, workers(parts["workers"]))])
        time.sleep(INTERVAL)


def workers(pool: int) -> Iterator[psutil.Process]:
    """The workers of a pool: copies of the process that the pool started."""
    for child in psutil.Process(pool).children():
        yield from child.children()


def resident(process: psutil.Process) -> float:
    """MiB of memory that a process uses now; 0 if it has ended."""
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0
