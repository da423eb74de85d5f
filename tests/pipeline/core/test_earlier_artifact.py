"""Inputs from earlier runs: chosen once, part of the cache key, protected from `gc`, and repeated by `verify`."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import toy_earlier
from tests.support.desk import Desk
from tests.support.toy import Total


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, toy_earlier.APP)


def judged(desk: Desk, *arguments: str) -> tuple[str, str, str]:
    """Runs the pipeline. Returns status and reason of the Judge, and its verdict."""
    judge: dict[str, Any] = next(c for c in desk.json("run", *arguments)["components"] if c["name"] == "Judge")
    return judge["status"], judge["reason"], (Path(judge["outputs"]["verdict"]["uri"]) / "verdict.txt").read_text()


def test_an_unchanged_run_is_cached_and_a_changed_one_chooses_again(desk: Desk) -> None:
    assert judged(desk) == ("EXECUTED", "first run", "12>nothing")
    assert judged(desk)[::2] == ("CACHED", "12>nothing")
    changed = judged(desk, "--factor=3")
    assert changed == ("EXECUTED", "Summer's total changed, baseline added", "18>12")
    # Newer totals exist now, but equal work keeps its first choice, so it is cached.
    assert judged(desk)[::2] == ("CACHED", "12>nothing")
    assert judged(desk, "--factor=3")[::2] == ("CACHED", "18>12")
    assert judged(desk, "--factor=4")[::2] == ("EXECUTED", "24>18")
    plan = {step["name"]: step["status"] for step in desk.json("plan", "--factor=3")["components"]}
    assert plan["Judge"] == "CACHED"


def test_the_choice_is_in_explain_and_in_the_lineage(desk: Desk) -> None:
    first = desk.run()
    second = desk.run("--factor=3")
    causes = desk.json("explain", second, "Judge")["components"][0]["causes"]
    assert [cause["phrase"] for cause in causes] == ["Summer's total changed", "baseline added"]
    made = next(c for c in desk.json("runs", "show", second)["components"] if c["name"] == "Judge")
    up = desk.json("runs", "lineage", made["outputs"]["verdict"]["uri"])["up"]
    assert ("Summer", first) in {(step["component"], step["run_id"]) for step in up}


@pytest.mark.slow
def test_verify_repeats_the_choice(desk: Desk) -> None:
    first = desk.run()
    second = desk.run("--factor=3")
    third = desk.run("--factor=4")
    again = desk.run("--factor=3")
    before = sorted(desk.root.iterdir())
    for run_id in (first, second, third, again):
        verdict = desk.json("verify", run_id)
        assert verdict["equal"], verdict
        assert "Judge.verdict" in verdict["artifacts"]
    assert sorted(desk.root.iterdir()) == before


def test_gc_keeps_the_choice_of_a_kept_run(desk: Desk) -> None:
    first = desk.run()
    desk.run("--factor=3")
    desk.json("gc", "--keep=1")
    assert (desk.root / "Summer" / first).is_dir()
    assert judged(desk, "--factor=3")[0] == "CACHED"


def test_a_choice_with_missing_files_is_left_out_and_logged(desk: Desk) -> None:
    first = desk.run()
    shutil.rmtree(desk.root / "Summer" / first)
    code, out, _ = desk("run", "--factor=3")
    assert code == 0
    assert f"Judge continues without baseline: Summer/{first} is missing" in out


def test_a_choice_with_an_old_layout_is_left_out_and_logged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.run()
    monkeypatch.setattr(Total, "outdated", lambda total: f"{total.path.parent.name} has an old layout")
    code, out, _ = desk("run", "--factor=3")
    assert code == 0
    assert f"Judge continues without baseline: {first} has an old layout" in out
