"""Kills training repeatedly with kill -9. The next run resumes, and ends with the weights of an uninterrupted run."""

import itertools
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from components.trainer.settings import LOOP_STYLES
from tests.support.command_line import environment, records, run_local
from tests.support.paths import PROJECT
from tests.support.wholeness import assert_whole

EPOCHS = 8
KILLS = 4


def run_and_kill(root: Path, flags: list[str], wait: float, begin: str = "") -> bool:
    """Starts a run and kills it `wait` seconds after a line with this start. Returns whether it was still running."""
    command = [sys.executable, "run_local.py", *flags, f"--pipeline_root={root}"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment(root.parent / "none"), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    assert process.stdout
    while begin and not process.stdout.readline().startswith((begin, "\n")):
        pass
    time.sleep(wait)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive


@pytest.mark.slow
@pytest.mark.parametrize("loop_style", LOOP_STYLES)
def test_killed_trainings_end_with_the_weights_of_an_uninterrupted_one(loop_style: str, tmp_path: Path) -> None:
    flags = ["--offline", "--dataset=sample", f"--epochs={EPOCHS}", "--patience=0", f"--loop_style={loop_style}"]
    whole = run_local(tmp_path / "whole", *flags, "--json")
    [length] = [component["seconds"] for component in whole.json["components"] if component["name"] == "Trainer"]
    moments = random.Random(loop_style)
    root = tmp_path / "root"
    killed = sum(run_and_kill(root, flags, length * moments.uniform(0.2, 0.9), "Trainer runs") for _ in range(KILLS))
    assert killed >= 1
    last = run_local(root, *flags, "--json")
    assert last.code == 0, last.err
    assert last.digests == whole.digests
    assert last.json["metrics"] == whole.json["metrics"]
    assert [e | {"seconds": 0} for e in last.json["epochs"]] == [e | {"seconds": 0} for e in whole.json["epochs"]]
    assert records(root) == {"running": 0, "integrity": "ok"}
    assert not list((root / ".staging").iterdir())


@pytest.mark.slow
def test_sixty_kills_at_random_moments_of_real_runs_lose_nothing(tmp_path: Path) -> None:
    def flags_of(seed: int) -> list[str]:
        return ["--offline", "--dataset=sample", "--epochs=3", f"--seed={seed}"]

    moments, root, seeds, killed = random.Random(60), tmp_path / "root", itertools.count(), 0
    work = [next(seeds) for _ in range(6)]
    begin = time.monotonic()
    run_local(tmp_path / "whole", *flags_of(work[0]))
    length = time.monotonic() - begin
    while killed < 60:
        which = moments.randrange(len(work))
        if run_and_kill(root, flags_of(work[which]), moments.uniform(0.3, length)):
            killed += 1
        else:  # it is cached now, and would end before it can be killed
            work[which] = next(seeds)
    for seed in work:
        whole = run_local(tmp_path / "whole", *flags_of(seed), "--json")
        last = run_local(root, *flags_of(seed), "--json")
        assert (last.code, last.json["metrics"]) == (0, whole.json["metrics"]), last.err
        # The baseline depends on which runs completed.
        compared = {"Evaluator.blessing": ""}
        assert last.digests | compared == whole.digests | compared
    assert_whole(root)


@pytest.mark.slow
def test_a_signal_in_each_component_ends_the_run_and_its_processes(tmp_path: Path) -> None:
    """One root: each run continues where the signal ended the run before."""
    flags = ["--offline", "--dataset=sample", "--epochs=2"]
    whole = run_local(tmp_path / "whole", *flags, "--json")
    root, signs = tmp_path / "root", itertools.cycle([signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    names = [component["name"] for component in whole.json["components"]]
    left = set(names)
    while left:
        command = [sys.executable, "run_local.py", *flags, f"--pipeline_root={root}"]
        process = subprocess.Popen(command, cwd=PROJECT, env=environment(tmp_path / "none"), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        assert process.stdout
        begun = (re.match(r"(\w+) runs", line) for line in process.stdout)
        name = next(match[1] for match in begun if match and match[1] in left)  # Beam sets the order
        left.remove(name)
        sign = next(signs)
        time.sleep(1 if name == "InfraValidator" else 0.01)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(sign)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 128 + sign or name == names[-1], (name, out)
        if process.returncode:
            assert "\nresume: " in f"\n{out}", (name, out)
        assert [child for child in children if child.is_running()] == []
        assert_whole(root)
    last = run_local(root, *flags, "--json")
    assert (last.code, last.digests) == (0, whole.digests), last.err
