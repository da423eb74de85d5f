"""Compares a first run of Reuters with a bare script of the same experiment, and a run with another learning rate."""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.cached import costs
from benchmarks.interleave import Measured
from benchmarks.process import Cost, measure
from components.ingestion import reuters
from components.ingestion.source import Places

PROJECT = Path(__file__).resolve().parents[1]
EPOCHS = 3


def run(data_dir: Path, rounds: int) -> dict[str, dict[str, Measured]]:
    """Returns seconds, seconds of CPU and MiB per process. `data_dir`: TFDS's, with the archive of Reuters."""
    [archive] = reuters.files(Places(data_dir=data_dir, work_dir=data_dir)).values()
    with tempfile.TemporaryDirectory() as directory:
        done, numbers = Path(directory, "done"), count()
        _refit(done)

        def fresh(work: Callable[[Path], Cost]) -> Cost:
            folder = Path(directory, str(next(numbers)))
            folder.mkdir()
            return work(folder)

        def bare(folder: Path) -> Cost:
            module = "benchmarks.bare_script"
            return measure([sys.executable, "-m", module, str(archive), str(folder), str(EPOCHS)], PROJECT)

        def changed() -> Cost:
            return _refit(done, f"--learning_rate={0.001 + 1e-6 * (1 + next(numbers))!r}")

        contestants: dict[str, Callable[[], Cost]] = {
            "bare script": partial(fresh, bare),
            "first run": partial(fresh, _refit),
            "first run, --noreference": partial(fresh, lambda root: _refit(root, "--noreference")),
            "only the learning rate changed": changed,
        }
        return costs(contestants, rounds)


def _refit(root: Path, *flags: str) -> Cost:
    command = [sys.executable, "run_local.py", "--dataset=reuters", "--offline", f"--epochs={EPOCHS}", *flags]
    return measure([*command, f"--pipeline_root={root}"], PROJECT)
