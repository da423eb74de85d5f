"""Samples memory and CPU time of a run, and of the processes of a cluster that work for it."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psutil

INTERVAL = 0.2
"""Seconds between samples."""


@dataclass
class Cost:
    """MiB of resident memory, and seconds of CPU. 0 where there is no such process."""

    driver_mib: float = 0
    worker_mib: float = 0
    """Of the largest worker."""
    java_mib: float = 0
    """Of the largest process of Java."""
    driver_cpu: float = 0
    cpu_by_process: dict[int, float] = field(default_factory=dict)
    """Of each process of the cluster."""


def cost(run: "subprocess.Popen[bytes]", parts: Mapping[str, int]) -> Cost:
    """Waits for the end of `run`, and returns its costs. `parts`: the process ids of a cluster by name."""
    found = Cost()
    java = [psutil.Process(pid) for name, pid in parts.items() if name != "workers"]
    before = {process.pid: cpu(process) for process in java}
    while True:
        # Only wait4 returns the peak memory of this process alone.
        pid, status, usage = os.wait4(run.pid, os.WNOHANG)
        java_now, workers_now = list(java), list(workers(parts["workers"])) if parts else []
        found.java_mib = max([found.java_mib, *map(resident, java_now)])
        found.worker_mib = max([found.worker_mib, *map(resident, workers_now)])
        for process in [*java_now, *workers_now]:
            spent = cpu(process) - before.get(process.pid, 0)
            found.cpu_by_process[process.pid] = max(spent, found.cpu_by_process.get(process.pid, 0))
        if pid:
            run.returncode = os.waitstatus_to_exitcode(status)
            found.driver_mib, found.driver_cpu = usage.ru_maxrss / 2**10, usage.ru_utime + usage.ru_stime
            return found
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


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU of a process until now; 0 if it has ended."""
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return float(spent.user + spent.system)
