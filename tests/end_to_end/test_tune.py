"""`tune` as a user runs it: killed, continued, refused after a change, and its preset used."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.command_line import environment, run_local
from tests.support.paths import PROJECT

FIXED = ["--dataset=sample", "--epochs=1", "--max_len=40", "--max_words=500", "--batch_size=128", "--average_weights=0"]
TUNE = ["tune", *FIXED, "--trials=3"]


@pytest.mark.slow
def test_a_killed_search_finds_the_same_best_and_its_preset_is_in_the_cache(tmp_path: Path) -> None:
    whole = run_local(tmp_path / "whole", *TUNE, "--json")
    assert whole.code == 0, whole.err
    root = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "run_local.py", *TUNE, f"--pipeline_root={root}"],
        cwd=PROJECT,
        env=environment(tmp_path / "none"),
        stdout=subprocess.DEVNULL,
    )
    while len(list((root / "Trainer").glob("*"))) < 2 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = run_local(root, *TUNE, "--json")
    assert again.code == 0, again.err
    assert results(again.json) == results(whole.json)
    assert json.loads(Path(again.json["preset"]).read_text()) == json.loads(Path(whole.json["preset"]).read_text())
    assert "Search sample-default" in Path(again.json["report"]).read_text()
    assert len(list((root / "Trainer").glob("*"))) == 3  # no finished trial was trained again

    refused = run_local(root, *TUNE, "--dropout=0.1")
    assert (refused.code, refused.out) == (2, "")
    assert "the study sample-default was begun with other settings: " in refused.err

    used = run_local(root, "run", f"--preset={again.json['preset']}", "--dataset=sample", "--json")
    assert used.code == 0, used.err
    assert used.statuses["Trainer"] == "CACHED"
    replayed = run_local(root, "replay", used.json["run_id"], "--json")
    assert set(replayed.statuses.values()) == {"CACHED"}


@pytest.mark.slow
def test_a_search_on_two_workers_with_a_wide_branch(tmp_path: Path) -> None:
    """Its preset has the number of workers, which is part of the model."""
    flags = [*FIXED, "--preset=strong", "--workers=2"]
    found = run_local(tmp_path, "tune", *flags, "--trials=2", "--json")
    assert found.code == 0, found.err
    assert [trial["state"] for trial in found.json["trials"]] == ["complete", "complete"]
    preset = found.json["preset"]
    assert json.loads(Path(preset).read_text())["settings"]["workers"] == 2
    used = run_local(tmp_path, "run", f"--preset={preset}", "--dataset=sample", "--to=Trainer", "--json")
    assert used.code == 0, used.err
    assert used.statuses["Trainer"] == "CACHED"


def results(found: dict) -> list:  # type: ignore[type-arg]
    """The trials without times and names of runs."""
    trials = [(t["number"], t["settings"], t["state"], t["measured"]["loss"]) for t in found["trials"]]
    return [found["best"], *trials]
