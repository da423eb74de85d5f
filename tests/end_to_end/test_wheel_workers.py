"""A pool of Beam workers that has Refit from the wheel: it works for this checkout, and another wheel is refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.flink.handshake import ASKED, answer, check_workers, identity
from pipeline.flink.local import workers
from pipeline.flink.local.processes import free_port
from pipeline.flink.rest import JobManager
from tests.support.portable import wait_for
from tests.support.wheel import PIP, build_wheel

pytestmark = pytest.mark.slow

JOBS = "apache_beam.runners.portability.local_job_service_main"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of the wheel alone. The libraries are those of this process."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = build_wheel(tmp_path_factory.mktemp("source"))
    subprocess.run([*PIP, "install", "-q", "--no-deps", "--no-index", "--target", str(folder), str(wheel)], check=True)
    return folder


@contextmanager
def pool(packages: Path, directory: Path) -> Iterator[PipelineOptions]:
    """Starts a job service, and workers that import Refit from `packages`. Yields the options of Beam for them."""
    jobs, port = free_port(), free_port()
    paths = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(packages)}
    commands = [[JOBS, f"--port={jobs}"], [workers.__name__, "127.0.0.1", str(port)]]
    with (directory / "pool.log").open("wb") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", *command], cwd=directory, env={**os.environ, **paths}, stdout=log, stderr=log
            )
            for command in commands
        ]
    try:
        wait_for(jobs, port)
        yield PipelineOptions(
            ["--runner=PortableRunner", f"--job_endpoint=127.0.0.1:{jobs}", "--environment_type=EXTERNAL",
             f"--environment_config=127.0.0.1:{port}"]
        )  # fmt: skip
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)


def test_workers_with_the_wheel_have_the_identity_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    with pool(installed, tmp_path) as options:
        check_workers(JobManager("127.0.0.1", 8081), str(tmp_path), options)
    assert [path.name for path in tmp_path.iterdir()] == ["pool.log"]


@pytest.mark.parametrize("change", ["edited", "removed"])
def test_workers_with_another_wheel_are_refused(change: str, installed: Path, tmp_path: Path) -> None:
    """What a worker does for the check, in a process that has the other wheel."""
    other = shutil.copytree(installed, tmp_path / "other")
    module, asked = other / "components" / "text" / "words.py", tmp_path / "asked"
    if change == "edited":
        module.write_text(module.read_text() + "\nVERSION = 2\n")
    else:
        module.unlink()
    asked.mkdir()
    (asked / ASKED).write_text(json.dumps(identity()))
    command = [sys.executable, "-P", "-c", f"from {answer.__module__} import answer; answer({str(asked)!r})"]
    environment = {**os.environ, "PYTHONPATH": str(other)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    here = identity()["Refit's source"]
    assert done.returncode == 1
    assert "has another version: Refit's source is " in done.stderr
    assert f", here it is {here}; install the same wheel of Refit and its locked libraries" in done.stderr
    assert [path.name for path in asked.iterdir()] == [ASKED]
