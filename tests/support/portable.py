"""A Beam job service and a pool of workers in their own processes, as a small cluster on the loopback interface."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORTABILITY = "apache_beam.runners.portability"
STARTED_WITHIN = 300


@contextmanager
def cluster(directory: Path) -> Iterator[str]:
    """Starts both. Yields the `--beam_args` to run a pipeline on them."""
    jobs, workers = _free_port(), _free_port()
    commands = {
        "jobs": [f"{PORTABILITY}.local_job_service_main", f"--port={jobs}"],
        "workers": ["apache_beam.runners.worker.worker_pool_main", f"--service_port={workers}"],
    }
    # The image of a cluster has the same installed: this project, and a `python` with its libraries.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    with (directory / "cluster.log").open("ab") as log:
        processes = [
            subprocess.Popen([sys.executable, "-m", *command], cwd=directory, env=environment, stdout=log, stderr=log)
            for command in commands.values()
        ]
    try:
        wait_for(jobs, workers)
        yield (
            f"--runner=PortableRunner --job_endpoint=127.0.0.1:{jobs} --environment_type=EXTERNAL "
            f"--environment_config=127.0.0.1:{workers}"
        )
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(*ports: int) -> None:
    """Waits until a program listens on each port of the loopback interface."""
    end = time.monotonic() + STARTED_WITHIN
    for port in ports:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if time.monotonic() > end:
                raise TimeoutError(f"nothing listens on port {port}")
            time.sleep(0.1)
