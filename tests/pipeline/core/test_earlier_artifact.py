"""What a component reads of earlier runs: chosen once, part of its key, kept from gc, found again by `verify`."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import toy_earlier
from tests.support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, toy_earlier.APP)


def judged(desk: Desk, *arguments: str) -> tuple[str, str, str]:
    """Status and reason of the Judge in a run, and its verdict."""
    told: dict[str, Any] = next(c for c in desk.json("run", *arguments)["components"] if c["name"] == "Judge")
    return told["status"], told["reason"], (Path(told["outputs"]["verdict"]["uri"]) / "verdict.txt").read_text()


def test_an_unchanged_run_stays_cached_and_a_changed_one_compares(desk: Desk) -> None:
    assert judged(desk) == ("EXECUTED", "first run", "12>nothing")
    assert judged(desk)[::2] == ("CACHED", "12>nothing")
    changed = judged(desk, "--factor=3")
    assert changed == ("EXECUTED", "Summer's total changed, baseline added", "18>12")
    # By now 18 is newer than 12, and 12 newer than nothing; what was judged once is not judged again.
    assert judged(desk)[::2] == ("CACHED", "12>nothing")
    assert judged(desk, "--factor=3")[::2] == ("CACHED", "18>12")
    assert judged(desk, "--factor=4")[::2] == ("EXECUTED", "24>18")
    plan = {step["name"]: step["status"] for step in desk.json("plan", "--factor=3")["components"]}
    assert plan["Judge"] == "CACHED"


def test_the_choice_is_explained_and_part_of_the_lineage(desk: Desk) -> None:
    first = desk.run()
    second = desk.run("--factor=3")
    causes = desk.json("explain", second, "Judge")["components"][0]["causes"]
    assert [cause["phrase"] for cause in causes] == ["Summer's total changed", "baseline added"]
    made = next(c for c in desk.json("runs", "show", second)["components"] if c["name"] == "Judge")
    up = desk.json("runs", "lineage", made["outputs"]["verdict"]["uri"])["up"]
    assert ("Summer", first) in {(step["component"], step["run_id"]) for step in up}


def test_verify_finds_the_same_choice(desk: Desk) -> None:
    first = desk.run()
    second = desk.run("--factor=3")
    third = desk.run("--factor=4")
    again = desk.run("--factor=3")
    before = sorted(desk.root.iterdir())
    for run_id in (first, second, third, again):
        told = desk.json("verify", run_id)
        assert told["equal"], told
        assert "Judge.verdict" in told["artifacts"]
    assert sorted(desk.root.iterdir()) == before


def test_what_a_kept_run_chose_is_not_freed(desk: Desk) -> None:
    first = desk.run()
    desk.run("--factor=3")
    desk.json("gc", "--keep=1")
    assert (desk.root / "Summer" / first).is_dir()
    assert judged(desk, "--factor=3")[0] == "CACHED"


def test_a_choice_whose_files_are_gone_is_left_out_and_said(desk: Desk) -> None:
    first = desk.run()
    shutil.rmtree(desk.root / "Summer" / first)
    code, out, _ = desk("run", "--factor=3")
    assert code == 0
    assert f"Judge continues without baseline: Summer/{first} is missing" in out
