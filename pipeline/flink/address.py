"""The flag `--cluster`: finds the cluster, and returns the options of Beam for it. Light to import."""

import re
import socket
from collections.abc import Sequence
from pathlib import Path

from pipeline.core.errors import ConfigError
from pipeline.flink.rest import SECONDS, JobManager

FLINK = "1.19"
"""The version of Flink that Beam's job server is built for. Another version cannot read its jobs."""

DEFAULT = JobManager("127.0.0.1", 8081)
"""The address that `--cluster=flink` stands for, and the port of an address without one."""

_ADDRESS = re.compile(r"flink://(?P<host>[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{1,5}))?/?")

RUNNER = "pipeline.flink.runner.ClusterRunner"

JOB_SERVER, WORKERS = "refit.job-server", "refit.workers"
"""The settings of a job manager with two addresses: of Beam's job server, and of the workers next to a task manager."""

SLOTS = "taskmanager.numberOfTaskSlots"

USUAL = {JOB_SERVER: 8099, WORKERS: 50000}
"""The ports that are used if a cluster has no such setting: those that Beam documents."""


def parse_cluster(value: str) -> JobManager:
    """Reads `flink` or `flink://host[:port]`. Raises ConfigError for anything else."""
    if value == "flink":
        return DEFAULT
    found = _ADDRESS.fullmatch(value)
    port = int(found["port"] or DEFAULT.port) if found else 0
    if found is None or not 0 < port < 2**16:
        raise ConfigError(f"--cluster={value}: flink or flink://HOST:PORT is expected, for example {DEFAULT}")
    return JobManager(found["host"].strip("[]"), port)


def cluster_options(value: str, timeout: float, root: Path, more: Sequence[str]) -> tuple[str, ...]:
    """Returns the options of Beam for the cluster of `--cluster`, followed by `more`, those of `--beam_args`.

    Raises ConfigError in less than 15 seconds if no cluster answers, or if it has another version of Flink.
    `timeout`: seconds to wait for a free slot; `root`: the folder that the workers must see.
    """
    manager = parse_cluster(value)
    if any(option.startswith("--runner") for option in more):
        raise ConfigError("--cluster and a --runner in --beam_args contradict each other; leave one out")
    version = manager.version()
    if not version.startswith(f"{FLINK}."):
        raise ConfigError(
            f"--cluster={manager} runs Flink {version}, but Beam's job server needs Flink {FLINK}; start a cluster "
            "with `make cluster`, or name another job server with --beam_args (docs/how-to/bigger-data.md)"
        )
    settings = manager.settings()
    jobs = _address(manager, settings, JOB_SERVER, manager.host)
    _check_listens(manager, jobs)
    return (
        f"--runner={RUNNER}",
        f"--job_endpoint={jobs}",
        "--environment_type=EXTERNAL",
        f"--environment_config={_address(manager, settings, WORKERS, 'localhost')}",
        f"--cluster_manager={manager}",
        f"--cluster_timeout={timeout}",
        f"--cluster_folder={root}",
        f"--sdk_worker_parallelism={settings.get(SLOTS, 1)}",  # a worker for each slot, because Python uses one core
        *more,
    )


def _address(manager: JobManager, settings: dict[str, str], key: str, host: str) -> str:
    found = settings.get(key, f"{host}:{USUAL[key]}")
    name, colon, port = found.rpartition(":")
    if not (name and colon and port.isdecimal()):
        raise ConfigError(f"--cluster={manager}: its setting {key} is {found!r}, expected HOST:PORT; correct it")
    return found


def _check_listens(manager: JobManager, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), SECONDS).close()
    except OSError as error:
        raise ConfigError(
            f"--cluster={manager}: Beam's job server does not answer at {address} ({error.strerror or error}); start "
            f"it again (`make cluster-down cluster`), or correct {JOB_SERVER} in the configuration of the cluster"
        ) from error
