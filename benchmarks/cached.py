"""Compares a cached run and `plan` with `dvc repro` of nine unchanged stages. DVC gets a separate environment."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.interleave import Measured, interleave
from benchmarks.process import Cost, measure

PROJECT = Path(__file__).resolve().parents[1]
STAGES = 9
DVC = "dvc>=3.60,<4"
SAMPLE = ("--dataset=sample", "--offline", "--epochs=2")
NOT_WRITTEN = {"PYTHONDONTWRITEBYTECODE": "1"}
"""As containers have it."""


def run(rounds: int, environment: Path, recorded: int) -> dict[str, dict[str, Measured]]:
    """Returns seconds, seconds of CPU and MiB per process. `environment`: the folder for DVC; it is created if needed.

    `recorded`: the number of runs in the larger record.
    """
    with tempfile.TemporaryDirectory() as directory:
        few, many, stages = (Path(directory, name) for name in ("few", "many", "stages"))
        for root in (few, many):
            measure(_refit(root, "run"), PROJECT)
        subprocess.run([sys.executable, "-m", "benchmarks.fill", str(many), str(recorded)], cwd=PROJECT, check=True)
        contestants: dict[str, Callable[[], Cost]] = {
            f"{name}, {words}": partial(measure, _refit(root, command), PROJECT, variables)
            for name, command in (("cached run", "run"), ("plan", "plan"))
            for words, root, variables in (
                ("1 run recorded", few, None),
                (f"{recorded:,} runs recorded", many, None),
                ("no bytecode written", few, NOT_WRITTEN),
            )
        }
        if dvc := _dvc(environment):
            _prepare(dvc, stages)
            repro = partial(measure, [dvc, "repro"], stages, {"DVC_NO_ANALYTICS": "1"})
            contestants = {f"dvc repro, {STAGES} unchanged stages": repro, **contestants}
        return costs(contestants, rounds)


def costs(contestants: dict[str, Callable[[], Cost]], rounds: int) -> dict[str, dict[str, Measured]]:
    """Measures the contestants in turns."""
    taken: dict[str, list[Cost]] = {name: [] for name in contestants}

    def one(name: str) -> float:
        taken[name].append(contestants[name]())
        return taken[name][-1].seconds

    found = {"seconds": interleave({name: partial(one, name) for name in contestants}, rounds)}
    for title, field in (("seconds of CPU", "cpu_seconds"), ("MiB of peak memory", "mebibytes")):
        found[title] = {name: Measured([getattr(cost, field) for cost in all_]) for name, all_ in taken.items()}
    return found


def _refit(root: Path, command: str) -> list[str]:
    return [sys.executable, "run_local.py", command, *SAMPLE, f"--pipeline_root={root}"]


def _dvc(environment: Path) -> str | None:
    """Returns the program, which is installed if needed. Prints why if that is not possible."""
    program = environment / "bin" / "dvc"
    try:
        if not program.is_file():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            install = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", DVC]
            subprocess.run(install, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"DVC cannot be installed into {environment} ({error}): the comparison is left out", file=sys.stderr)
        return None
    return str(program)


def _prepare(dvc: str, folder: Path) -> None:
    """Creates the stages, each of which copies a file, and runs them once."""
    folder.mkdir()
    (folder / "0.txt").write_text("1\n")
    stages = "".join(
        f"  stage{n}:\n    cmd: cp {n - 1}.txt {n}.txt\n    deps: [{n - 1}.txt]\n    outs: [{n}.txt]\n"
        for n in range(1, STAGES + 1)
    )
    (folder / "dvc.yaml").write_text(f"stages:\n{stages}")
    for command in (["init", "--no-scm", "--quiet"], ["repro", "--quiet"]):
        subprocess.run([dvc, *command], cwd=folder, check=True, env={**os.environ, "DVC_NO_ANALYTICS": "1"})
