"""TensorFlow Serving, where it is installed: the same texts through its REST interface."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.infra_validator.checks import differs
from components.infra_validator.texts import Batch
from schemas.contracts.infra import ServingCheck

SERVER = "tensorflow_model_server"
MODEL = "on_trial"
PATIENCE = 60
"""Seconds that it may take to load the model, and to answer one request."""


def check(
    serving: Path, batches: Sequence[Batch], expected: Sequence[NDArray[np.float32]], scratch: Path
) -> ServingCheck:
    """Serves the batches if the server is on PATH; within TOLERANCE, for its threads are not ours to set."""
    program = shutil.which(SERVER)
    if program is None:
        return ServingCheck(SERVER, None, f"{SERVER} is not on PATH and was not asked")
    shutil.copytree(serving, scratch / MODEL / "1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port=0", f"--rest_api_port={port}", f"--model_name={MODEL}"]
    with (scratch / "server.log").open("w") as log:
        process = subprocess.Popen([*command, f"--model_base_path={scratch / MODEL}"], stdout=log, stderr=log)
    try:
        found = _answers(f"http://127.0.0.1:{port}/v1/models/{MODEL}", process, batches, expected)
    finally:
        process.kill()
        process.wait()
    if found:
        last = ((scratch / "server.log").read_text(errors="replace").strip().splitlines() or [""])[-1]
        return ServingCheck(SERVER, False, f"{SERVER}: {found}{f'; it said: {last}' if last else ''}")
    return ServingCheck(SERVER, True, f"{SERVER} gives the same answers")


def _answers(
    url: str, process: subprocess.Popen[bytes], batches: Sequence[Batch], expected: Sequence[NDArray[np.float32]]
) -> str:
    """What is wrong with what the server answers; empty for nothing."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            versions = _ask(url)["model_version_status"]
            if any(version["state"] == "AVAILABLE" for version in versions):
                break
        except (urllib.error.URLError, ConnectionError):
            pass  # it does not listen yet, or does not know the model yet
        if process.poll() is not None:
            return f"it ended with exit code {process.returncode}"
        if time.monotonic() > give_up:
            return f"it did not load the model within {PATIENCE} s"
        time.sleep(0.1)
    for batch, evaluated in zip(batches, expected, strict=True):
        try:
            outputs = _ask(f"{url}:predict", {"inputs": {"text": batch.texts}})["outputs"]
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            return f"{batch.name}: {error}"
        if wrong := differs(np.array(outputs["probabilities"], np.float32), evaluated):
            return f"{batch.name}: {wrong}"
    return ""


def _ask(url: str, request: object = None) -> Any:
    data = None if request is None else json.dumps(request).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=PATIENCE) as response:
        return json.load(response)
