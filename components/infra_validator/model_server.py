"""Checks a model with TensorFlow Serving, if it is installed: sends the same texts to its REST API."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.infra_validator.checks import TOLERANCE, answered_wrong, differs
from components.infra_validator.texts import Batch
from components.serving.columns import ONE_TEXT, Columns
from components.shared.plain_path import plain_path
from pipeline.execution import ends_with_parent
from schemas.contracts.infra import ServingCheck

SERVER = "tensorflow_model_server"
MODEL = "on_trial"
PATIENCE = 60
"""Seconds to wait for the server to load the model, and for each answer."""


def check(
    serving: Path,
    batches: Sequence[Batch],
    expected: Sequence[NDArray[np.float32]],
    answers_from: float | None,
    scratch: Path,
    columns: Columns = ONE_TEXT,
) -> ServingCheck:
    """Sends the batches to a server, if it is on PATH. Allows TOLERANCE, because its number of threads may differ.

    `columns`: the columns of the model.

    `answers_from`: the confidence from which the model answers, None: never.
    """
    program = shutil.which(SERVER)
    if program is None:
        return ServingCheck(SERVER, None, f"{SERVER} is not on PATH and was not asked")
    shutil.copytree(serving, scratch / MODEL / "1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # A run that is killed must not leave a server behind.
    start = [sys.executable, "-I", "-S", ends_with_parent.__file__, str(os.getpid())]
    command = [*start, program, "--port=0", f"--rest_api_port={port}", f"--model_name={MODEL}"]
    with (scratch / "server.log").open("w") as log, plain_path(scratch) as plain:
        process = subprocess.Popen([*command, f"--model_base_path={plain / MODEL}"], stdout=log, stderr=log)
        try:
            found = _answers(
                f"http://127.0.0.1:{port}/v1/models/{MODEL}", process, batches, expected, answers_from, columns
            )
        finally:
            process.kill()
            process.wait()
    if found:
        last = ((scratch / "server.log").read_text(errors="replace").strip().splitlines() or [""])[-1]
        return ServingCheck(SERVER, False, f"{SERVER}: {found}{f'; it said: {last}' if last else ''}")
    return ServingCheck(SERVER, True, f"{SERVER} gives the same answers")


def _answers(
    url: str,
    process: subprocess.Popen[bytes],
    batches: Sequence[Batch],
    expected: Sequence[NDArray[np.float32]],
    answers_from: float | None,
    columns: Columns = ONE_TEXT,
) -> str:
    """Returns what is wrong with the answers of the server; empty if they are correct."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            versions = _ask(url)["model_version_status"]
            if any(version["state"] == "AVAILABLE" for version in versions):
                break
        except (urllib.error.URLError, ConnectionError):
            pass  # the server is still starting, or loading the model
        if process.poll() is not None:
            return f"it ended with exit code {process.returncode}"
        if time.monotonic() > deadline:
            return f"it did not load the model within {PATIENCE} s"
        time.sleep(0.1)
    for batch, evaluated in zip(batches, expected, strict=True):
        try:
            outputs = _ask(f"{url}:predict", {"inputs": batch.inputs(columns)})["outputs"]
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            return f"{batch.name}: {error}"
        wrong = differs(np.array(outputs["probabilities"], np.float32), evaluated)
        wrong = wrong or answered_wrong(np.array(outputs["answered"]), evaluated, answers_from, TOLERANCE)
        if wrong:
            return f"{batch.name}: {wrong}"
    return ""


def _ask(url: str, request: object = None) -> Any:
    data = None if request is None else json.dumps(request).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=PATIENCE) as response:
        return json.load(response)
