"""Checks, before the first job of a run, that the workers run this code and see the folder that the job uses."""

import hashlib
import json
import os
import platform
import shutil
import socket
import tempfile
import uuid
from importlib.metadata import version
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.core.errors import PipelineError
from pipeline.flink.rest import JobManager

PROJECT = Path(__file__).resolve().parents[2]

PACKAGES = ("pipeline", "schemas", "components")

ASKED = "asked.json"


def identity() -> dict[str, str]:
    """What must be equal on both sides: the source, as a digest, and the versions of Python and of Beam."""
    digest = hashlib.sha256()
    for path in sorted(path for name in PACKAGES for path in (PROJECT / name).rglob("*.py")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PROJECT).as_posix()} {content}\n".encode())
    return {
        "Refit's source": digest.hexdigest()[:16],
        "Beam": version("apache-beam"),
        "Python": ".".join(platform.python_version_tuple()[:2]),
    }


def check_workers(manager: JobManager, folder: str, options: PipelineOptions) -> None:
    """Runs a job that compares a worker with this process, and looks whether both see `folder`.

    Raises PipelineError with the difference.
    """
    scratch = Path(tempfile.mkdtemp(prefix=".cluster-", dir=folder))
    try:
        (scratch / ASKED).write_text(json.dumps(identity()))
        with beam.Pipeline(options=options) as pipeline:
            _ = pipeline | beam.Create([str(scratch)]) | beam.Reshuffle() | beam.Map(answer)
        if len(list(scratch.iterdir())) < 2:
            raise PipelineError(_unseen(str(scratch), f"the workers of {manager} have"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def answer(folder: str) -> None:
    """Runs on a worker: compares it with the process that wrote into `folder`, and writes there, too."""
    here, asked = f"the worker {os.getpid()} on {socket.gethostname()}", Path(folder) / ASKED
    if not asked.is_file():
        raise PipelineError(_unseen(folder, f"{here} has"))
    for name, expected in json.loads(asked.read_text()).items():
        if (found := identity()[name]) != expected:
            raise PipelineError(
                f"{here} has another version: {name} is {found}, here it is {expected}; install the same wheel of "
                "Refit and its locked libraries on every worker, and start the workers again"
            )
    (Path(folder) / f"{uuid.uuid4().hex}.json").write_text("{}")


def _unseen(folder: str, who: str) -> str:
    root = Path(folder).parent
    return f"{who} no access to {root}; put the pipeline root on a disk that all workers mount at the same path"
