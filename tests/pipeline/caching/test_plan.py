"""`plan`, and partial runs."""

import hashlib
from pathlib import Path

import pytest

from tests.support.desk import Desk

NAMES = ["Reader", "Plain", "Scaler", "Summer"]


def planned(desk: Desk, *flags: str) -> dict[str, str]:
    result = desk.json("plan", *flags)
    return {c["name"]: f"{c['status']}: {c['reason']}" for c in result["components"]}


def statuses(desk: Desk, *flags: str) -> dict[str, str]:
    return {c["name"]: f"{c['status']}: {c['reason']}" for c in desk.json("run", *flags)["components"]}


def snapshot(directory: Path) -> dict[str, str]:
    """Returns the digest of every file, except for the shared memory file of SQLite, which reading changes."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_plan_does_not_create_the_root(desk: Desk) -> None:
    assert planned(desk) == dict.fromkeys(sorted(NAMES, key=["Reader", "Plain", "Scaler", "Summer"].index),
                                          "RUN: first run")  # fmt: skip
    assert not desk.root.exists()


def test_a_plan_predicts_the_run_and_writes_nothing(desk: Desk) -> None:
    first = desk.run()
    cached = f"CACHED: unchanged since {first}"
    before = snapshot(desk.root)
    assert planned(desk) == dict.fromkeys(NAMES, cached)
    assert planned(desk, "--factor=3") == {
        "Reader": cached,
        "Plain": cached,
        "Scaler": "RUN: factor 2 → 3",
        "Summer": "RUN: Scaler runs; cached if the outputs stay the same",
    }
    assert planned(desk, "--force=Reader") == {
        "Reader": "RUN: forced",
        "Plain": "RUN: Reader runs; cached if the outputs stay the same",
        "Scaler": "RUN: Reader runs; cached if the outputs stay the same",
        "Summer": "RUN: Scaler runs; cached if the outputs stay the same",
    }
    assert planned(desk, "--factor=3", "--stumble=x")["Summer"] == "RUN: stumble '' → 'x'"
    assert snapshot(desk.root) == before
    assert statuses(desk, "--factor=3") == {
        "Reader": cached,
        "Plain": cached,
        "Scaler": "EXECUTED: factor 2 → 3",
        "Summer": "EXECUTED: Scaler's scaled changed",
    }
    # With the first settings again, the first execution is the cache hit, not the last one.
    assert planned(desk, "--factor=2") == dict.fromkeys(NAMES, cached)


def test_expected_seconds_are_the_time_of_the_nearest_execution(desk: Desk) -> None:
    assert desk.json("plan")["seconds"] is None
    desk.run()
    seconds = {e.component: e.properties["seconds"] for e in desk.store.recent("Scaler", 1)}["Scaler"]
    result = desk.json("plan", "--factor=3", "--to=Scaler")
    expected = {component["name"]: component["seconds"] for component in result["components"]}
    assert expected == {"Reader": 0.0, "Plain": None, "Scaler": seconds, "Summer": None}
    assert result["seconds"] == seconds


def test_a_plan_finds_damage(desk: Desk) -> None:
    first = desk.run()
    (desk.root / "Scaler" / first / "scaled" / "numbers.txt").unlink()
    assert planned(desk)["Scaler"] == f"RUN: Scaler/{first}/scaled/numbers.txt is missing"


@pytest.mark.parametrize(
    ("flags", "ran"),
    [
        (["--from=Scaler"], {"Reader": "CACHED", "Plain": "SKIPPED", "Scaler": "EXECUTED", "Summer": "EXECUTED"}),
        (["--to=Scaler"], {"Reader": "CACHED", "Plain": "SKIPPED", "Scaler": "EXECUTED", "Summer": "SKIPPED"}),
        (["--only=Scaler"], {"Reader": "CACHED", "Plain": "SKIPPED", "Scaler": "EXECUTED", "Summer": "SKIPPED"}),
        (["--only=Plain,Reader"], {"Reader": "CACHED", "Plain": "CACHED", "Scaler": "SKIPPED", "Summer": "SKIPPED"}),
        (["--from=Scaler", "--to=Summer"],
         {"Reader": "CACHED", "Plain": "SKIPPED", "Scaler": "EXECUTED", "Summer": "EXECUTED"}),
        (["--only=Reader", "--force=Reader"],
         {"Reader": "EXECUTED", "Plain": "SKIPPED", "Scaler": "SKIPPED", "Summer": "SKIPPED"}),
    ],
)  # fmt: skip
def test_a_partial_run(desk: Desk, flags: list[str], ran: dict[str, str]) -> None:
    desk.run()
    result = desk.json("run", "--factor=5", *flags)
    assert {c["name"]: c["status"] for c in result["components"]} == ran
    assert {c["reason"] for c in result["components"] if c["status"] == "SKIPPED"} <= {"not selected"}
    assert result["status"] == "COMPLETE"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--only=Scalar"], "the pipeline has no component 'Scalar'; did you mean 'Scaler'?"),
        (["--from=Summer", "--to=Reader"], "--to=Reader is not downstream of --from=Summer, so nothing would run; "
         "the order is Reader → Plain → Scaler → Summer"),
        (["--only=Summer", "--to=Reader"],
         "--only cannot be combined with --from or --to; list all components to run in --only"),
        (["--only=Summer", "--force=Reader"], "--force=Reader is not selected to run; change --from, --to or "
         "--only, or leave --force out"),
        (["--only=Summer"], "Summer cannot run alone: it needs Reader, which is not up to date (first run); "
         "start there with --from=Reader"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_partial_run_that_is_not_possible(desk: Desk, command: str, flags: list[str], message: str) -> None:
    code, _, err = desk(command, *flags)
    assert (code, err) == (2, f"refit: {message}\n")
    assert not (desk.root / "metadata.sqlite").exists()
    assert not (desk.root / "logs").exists()


def test_a_partial_run_never_uses_outdated_outputs(desk: Desk) -> None:
    desk.run()
    code, _, err = desk("run", "--only=Summer", "--factor=9")
    assert code == 2
    assert "it needs Scaler, which is not up to date (factor 2 → 9); start there with --from=Scaler" in err


def test_a_plan_is_printed_as_a_table(desk: Desk) -> None:
    desk.run()
    _, out, _ = desk("plan", "--factor=3")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["toy"]
    assert lines[5][:2] == ["Scaler", "RUN"]
    assert lines[-1][:4] == ["2", "of", "4", "would"]
