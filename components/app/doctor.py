"""The checks that `doctor` adds: which data are available offline, and whether training gives the same bits twice."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from components.ingestion.source import Places
from components.ingestion.sources import SOURCES
from pipeline.cli.application import Check

SELF_TEST_SECONDS = 300


def run_checks(data_dir: Path, work_dir: Path) -> Iterator[Check]:
    """One check per source, and the determinism self-test."""
    places = Places(data_dir=data_dir, work_dir=work_dir, offline=True)
    for name, source in SOURCES.items():
        obstacle = source.obstacle(places)
        # Missing data do not make the machine unfit.
        found = "available offline" if obstacle is None else f"not available offline: {obstacle}"
        yield Check(f"data: {name}", True, found)
    yield _self_test()


def _self_test() -> Check:
    command = [sys.executable, "-m", "components.trainer.self_test"]
    root = Path(__file__).resolve().parents[2]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, loop], cwd=root, **pipes) for loop in ("fit", "custom")]  # type: ignore[call-overload]
    outputs = [process.communicate(timeout=SELF_TEST_SECONDS) for process in processes]
    for process, (_, err) in zip(processes, outputs, strict=True):
        if process.returncode:
            return Check("determinism", False, f"the self-test failed: {err.strip().splitlines()[-1]}")
    digests = [out.strip() for out, _ in outputs]
    if digests[0] != digests[1]:
        return Check("determinism", False, f"two processes trained different weights: {' and '.join(digests)}")
    return Check("determinism", True, f"two processes, fit and custom, trained the same weights: {digests[0][:12]}")
