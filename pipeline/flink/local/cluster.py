"""A Flink session cluster on the loopback interface of this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ConfigError
from pipeline.flink.local.jars import Say, cache_folder, find_jars
from pipeline.flink.local.java import OPTIONS, SMALL, find_java
from pipeline.flink.local.processes import Processes, free_port, listens
from pipeline.flink.rest import JobManager

HOST = "127.0.0.1"

RUNTIME = "org.apache.flink.runtime"

PROJECT = Path(__file__).resolve().parents[3]
"""Where this code is: workers import it from here."""

UNSENT = "gradle/wrapper"
"""The job server sends its jars with each job, 150 MB, but not those whose path has this. The cluster has them."""

SETTINGS = {
    "jobmanager.rpc.address": HOST,
    "jobmanager.bind-host": HOST,
    "taskmanager.host": HOST,
    "taskmanager.bind-host": HOST,
    "rest.address": HOST,
    "rest.bind-address": HOST,
    "jobmanager.memory.process.size": "1g",
    "taskmanager.memory.process.size": "1500m",
    # Both the cluster and the job server have the same jars, so the classes that a job brings are not loaded again.
    "classloader.resolve-order": "parent-first",
    # A job begins again if a worker or a task manager is lost.
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1",
    "restart-strategy.fixed-delay.delay": "1 s",
    "heartbeat.interval": "2000",
    "heartbeat.timeout": "20000",
    "slot.request.timeout": "30000",
}
"""The configuration of the job manager and the task managers, without ports and sizes."""


@dataclass(frozen=True, kw_only=True)
class LocalCluster:
    """A cluster whose job manager has its REST interface on `port`."""

    port: int
    worker_modules: Sequence[str] = ()
    """Modules that the pool of workers imports once, because they take long."""

    @property
    def manager(self) -> JobManager:
        """The job manager."""
        return JobManager(HOST, self.port)

    @property
    def folder(self) -> Path:
        """The logs, the configuration, the list of processes, and the files that jobs stage."""
        return cache_folder() / f"cluster-{self.port}"

    @property
    def processes(self) -> Processes:
        """Its processes."""
        return Processes(self.folder)

    def start(self, task_managers: int, slots: int, jars: str, say: Say) -> bool:
        """Starts it, and waits until it takes jobs. Returns False if all of it runs already.

        `slots`: of each task manager; `jars`: `--flink_jars`. Raises UnavailableError without Java or the jars, and
        ConfigError if another program uses the port.
        """
        if self.processes.alive():
            if not (lost := self.processes.lost()):
                self.manager.version()
                return False
            say(f"{', '.join(lost)} ended, so the rest is stopped, and all of it starts again")
            self.processes.stop()
        java, jars_folder = find_java(), find_jars(jars, say)
        if listens(HOST, self.port):
            raise ConfigError(
                f"another program uses port {self.port}; stop it, or choose another --flink_port and then name it in "
                "--cluster=flink://127.0.0.1:PORT"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*.log"):
            log.unlink()
        try:
            classes = f"{self._linked(jars_folder)}/*"
            _Start(self, java, classes, free_port(), free_port()).all(task_managers, slots)
        except BaseException:
            self.processes.stop()
            raise
        return True

    def _linked(self, jars: Path) -> Path:
        """A folder with the same jars and UNSENT in its path. Beam follows symbolic links, so these are hard links."""
        folder = self.folder / UNSENT
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for jar in jars.glob("*.jar"):
            try:
                (folder / jar.name).hardlink_to(jar)
            except OSError:  # another file system
                shutil.copy(jar, folder)
        return folder

    def stop(self) -> list[str]:
        """Stops it, and returns the names of the processes that ran."""
        stopped = self.processes.stop()
        for name in ("tmp", "staged", "gradle"):  # what is left are the logs and the configuration
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return stopped


@dataclass(frozen=True)
class _Start:
    cluster: LocalCluster
    java: str
    classes: str
    jobs: int
    """The port of Beam's job server."""
    workers: int
    """The port of the pool of workers."""

    def all(self, task_managers: int, slots: int) -> None:
        """Starts every process and waits for it."""
        conf = self._configure(slots)
        at = ["--configDir", str(conf)]
        self._java("job-manager", ["-Xmx700m"], f"{RUNTIME}.entrypoint.StandaloneSessionClusterEntrypoint", *at)
        self._workers()
        self._job_server(conf)
        sizes, dynamic = self._memory(at)
        for number in range(task_managers):
            self._java(f"task-manager-{number}", sizes, f"{RUNTIME}.taskexecutor.TaskManagerRunner", *at, *dynamic)
        wait = self.cluster.processes.wait
        wait(lambda: self._slots() == task_managers * slots, "job-manager")
        wait(lambda: listens(HOST, self.jobs), "job-server")
        wait(lambda: listens(HOST, self.workers), "workers")

    def _slots(self) -> int:
        try:
            return self.cluster.manager.slots()[0]
        except ConfigError:  # it does not answer yet, or not with data
            return 0

    def _configure(self, slots: int) -> Path:
        """Writes the configuration. Clients read the addresses of the job server and of the workers from it."""
        conf = self.cluster.folder / "conf"
        conf.mkdir(exist_ok=True)
        own = {
            "jobmanager.rpc.port": free_port(),
            "rest.port": self.cluster.port,
            "taskmanager.numberOfTaskSlots": slots,
            "io.tmp.dirs": self.cluster.folder / "tmp",
            "refit.job-server": f"{HOST}:{self.jobs}",
            "refit.workers": f"{HOST}:{self.workers}",
        }
        lines = [f"{key}: {value}\n" for key, value in {**SETTINGS, **own}.items()]
        (self.cluster.folder / "tmp").mkdir(exist_ok=True)
        (conf / "config.yaml").write_text("".join(lines), encoding="utf-8")
        return conf

    def _java(self, name: str, options: list[str], main: str, *arguments: str) -> None:
        command = [self.java, *options, *SMALL, *OPTIONS, "-cp", self.classes, main, *arguments]
        self.cluster.processes.start(name, command)

    def _memory(self, at: list[str]) -> tuple[list[str], list[str]]:
        """The options of Java and of Flink that divide the memory of a task manager. Flink computes them itself."""
        command = [self.java, "-cp", self.classes, f"{RUNTIME}.util.bash.BashJavaUtils", "GET_TM_RESOURCE_PARAMS", *at]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        mark = "BASH_JAVA_UTILS_EXEC_RESULT:"
        options, dynamic = (line.removeprefix(mark).split() for line in shown.splitlines() if line.startswith(mark))
        return options, dynamic

    def _workers(self) -> None:
        paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "TF_CPP_MIN_LOG_LEVEL": "3"}
        modules = self.cluster.worker_modules
        command = [sys.executable, "-m", "pipeline.flink.local.workers", HOST, str(self.workers), *modules]
        self.cluster.processes.start("workers", command, environment)

    def _job_server(self, conf: Path) -> None:
        arguments = {
            "flink-master": f"{HOST}:{self.cluster.port}",
            "flink-conf-dir": conf,
            "job-host": HOST,
            "job-port": self.jobs,
            "artifact-port": 0,
            "expansion-port": 0,
            "artifacts-dir": self.cluster.folder / "staged",
        }
        words = [f"--{name}={value}" for name, value in arguments.items()]
        self._java("job-server", ["-Xmx700m"], "org.apache.beam.runners.flink.FlinkJobServerDriver", *words)
