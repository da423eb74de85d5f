"""Measures seconds per process: the first run of the bundled sample in an empty root, and the same run again."""

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.interleave import Measured, interleave

PROJECT = Path(__file__).resolve().parents[1]


def run(rounds: int) -> dict[str, dict[str, Measured]]:
    """Compares a completely cached run with a first run."""
    with tempfile.TemporaryDirectory() as directory:
        done = Path(directory, "done")
        _run(done)
        contestants = {"everything cached": partial(_run, done), "first run": partial(_first, Path(directory))}
        return {"sample, 3 epochs": interleave(contestants, rounds)}


def _first(directory: Path) -> float:
    with tempfile.TemporaryDirectory(dir=directory) as root:
        return _run(Path(root))


def _run(root: Path) -> float:
    command = [sys.executable, "run_local.py", "--dataset=sample", "--epochs=3", f"--pipeline_root={root}"]
    start = time.perf_counter()
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return time.perf_counter() - start
