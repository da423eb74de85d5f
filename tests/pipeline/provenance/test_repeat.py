"""`verify` and `replay`: repeat a recorded run, and report why the result differs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.desk import Desk

NAMES = ["Plain.total", "Reader.numbers", "Scaler.scaled", "Summer.total"]


def edit_record(desk: Desk, run_id: str, table: str, old: str, new: str) -> None:
    """Changes a record, in a separate process: two SQLite libraries in one process release each other's locks."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        f"n = c.execute('update {table} set string_value = replace(string_value, ?, ?)', sys.argv[2:]).rowcount;"
        "c.commit(); print(n)"
    )
    database = desk.root / "metadata.sqlite"
    done = subprocess.run([sys.executable, "-c", code, str(database), old, new], capture_output=True, text=True)
    assert int(done.stdout) > 0, done.stderr


def test_a_repeated_run_gives_the_same_bits_and_leaves_no_files(desk: Desk) -> None:
    first = desk.run("--factor=7")
    before = sorted(desk.root.iterdir())
    result = desk.json("verify", first)
    assert (result["run_id"], result["equal"], result["first_difference"]) == (first, True, None)
    assert sorted(result["artifacts"]) == NAMES
    assert all(old == new for old, new in result["artifacts"].values())
    assert result["metrics"] == {"half": [0.5, 0.5], "made": [4, 4]}
    keys = {"run_id", "equal", "artifacts", "metrics", "first_difference", "causes", "notes"}
    assert result.keys() - {"reference"} == keys
    assert sorted(desk.root.iterdir()) == before
    code, out, _ = desk("verify", "latest")
    assert code == 0
    assert out.splitlines()[-1] == "the same bits"


def test_verify_names_changed_data(desk: Desk) -> None:
    first = desk.run()
    desk.file.write_text("1 2 4")
    result = desk.json("verify", first, code=5)
    assert (result["equal"], result["first_difference"], result["causes"]) == (False, "Reader", ["file changed"])
    code, out, _ = desk("verify", first)
    assert code == 5
    assert sorted(line.split()[:2] for line in out.splitlines()[1:5]) == [["DIFFERS", name] for name in NAMES]
    assert out.splitlines()[-1] == "first difference: Reader; differences in its inputs: file changed"


def test_verify_reports_a_component_that_is_not_deterministic(desk: Desk) -> None:
    first = desk.run()
    scaler = next(c for c in desk.json("runs", "show", first)["components"] if c["name"] == "Scaler")
    digest = scaler["outputs"]["scaled"]["digest"]
    edit_record(desk, first, "ArtifactProperty", digest, "0" * 64)
    result = desk.json("verify", first, code=5)
    assert (result["first_difference"], result["causes"]) == ("Scaler", [])
    _, out, _ = desk("verify", first)
    assert out.splitlines()[-1].endswith("none of its inputs: the same work gave other bits")


def test_metrics_are_compared_to_the_last_bit(desk: Desk) -> None:
    first = desk.run()
    edit_record(desk, first, "ContextProperty", '"half": 0.5', '"half": 0.5000000000000001')
    result = desk.json("verify", first, code=5)
    assert (result["first_difference"], result["metrics"]["half"]) == ("metrics", [0.5000000000000001, 0.5])


def test_verify_names_another_class_of_machine(desk: Desk) -> None:
    first = desk.run()
    edit_record(desk, first, "ContextProperty", '"machine": "', '"machine": "other-')
    [note] = desk.json("verify", first)["notes"]
    assert note.startswith("this is another class of machine (machine differ)")
    assert sorted(note.partition("must be equal: ")[2].split(", ")) == NAMES


def test_damaged_artifacts_are_compared_by_their_recorded_digest(desk: Desk) -> None:
    first = desk.run()
    (desk.root / "Scaler" / first / "scaled" / "numbers.txt").write_text("0")
    result = desk.json("verify", first)
    assert result["equal"]
    assert result["notes"] == [f"Scaler/{first}/scaled/numbers.txt was changed; its recorded digest is compared"]


def test_verify_reports_a_run_that_cannot_be_repeated(desk: Desk) -> None:
    first = desk.run()
    desk.file.unlink()
    code, _, err = desk("verify", first)
    assert code == 1
    assert "the run could not be repeated, so nothing was compared: Reader failed: " in err
    assert not list(desk.root.glob(".verify*"))


def test_replay_is_a_new_run_with_the_old_settings(desk: Desk) -> None:
    first = desk.run("--factor=7")
    desk.run("--factor=8")
    result = desk.json("replay", first)
    assert result["run_id"] != first
    assert {c["status"] for c in result["components"]} == {"CACHED"}
    assert desk.json("runs", "show", result["run_id"])["settings"]["factor"] == 7
    assert desk.json("runs", "diff", first, result["run_id"])["settings"] == {}


def test_replay_stops_at_changes_unless_allowed(desk: Desk) -> None:
    first = desk.run()
    desk.file.write_text("5")
    edit_record(desk, first, "ContextProperty", '"python": "3.11.', '"python": "3.10.')
    code, _, err = desk("replay", first)
    assert code == 2
    python = sys.version.split()[0]
    lines = err.splitlines()
    assert lines[0] == f"refit: run {first} cannot be replayed exactly, because this has changed:"
    assert lines[1:-1] == [f"  python {python.replace('3.11.', '3.10.')} → {python}", "  file changed"]
    assert lines[-1] == "restore it, or replay with --allow_changes"
    assert len(desk.json("runs")) == 1
    result = desk.json("replay", first, "--allow_changes")
    assert {c["name"]: c["status"] for c in result["components"]}["Reader"] == "EXECUTED"


def test_a_moved_file_is_not_a_change(desk: Desk, tmp_path: Path) -> None:
    first = desk.run()
    moved = tmp_path / "moved.txt"
    desk.file.rename(moved)
    assert desk.json("verify", first, f"--file={moved}")["equal"]
    assert desk.json("replay", first, f"--file={moved}")["status"] == "COMPLETE"


@pytest.mark.parametrize("command", ["verify", "replay", "explain", "runs show"])
@pytest.mark.parametrize(("named", "hint"), [("{near}", "; did you mean '{run}'?"), ("xyz", "; the last ones: {run}")])
def test_a_run_that_does_not_exist(desk: Desk, command: str, named: str, hint: str) -> None:
    run = desk.run()
    given = named.format(near=run[:-1] + "_")
    code, _, err = desk(*command.split(), given)
    assert (code, err) == (2, f"refit: there is no run '{given}'{hint.format(run=run)}\n")


@pytest.mark.parametrize("command", ["verify", "replay"])
def test_settings_cannot_be_passed(desk: Desk, command: str) -> None:
    code, _, err = desk(command, desk.run(), "--factor=3")
    assert code == 2
    assert err.startswith(f"refit: {command} takes its settings from the run that it repeats, so --factor cannot be")


def test_a_failed_run_is_not_verified(desk: Desk) -> None:
    failed = desk.run("--stumble=over", code=1)
    code, _, err = desk("verify", failed)
    assert (code, err) == (2, f"refit: run {failed} is FAILED; only a complete run can be verified\n")


def test_what_a_run_records(desk: Desk) -> None:
    recorded = desk.store.get_run(desk.run("--factor=3"))
    assert recorded is not None
    assert json.loads(recorded.settings) == {"file": str(desk.file), "factor": 3, "stumble": ""}
    assert set(json.loads(recorded.environment)) == {
        "python", "libraries", "system", "machine", "cpu", "cpu_flags", "cpus", "threads", "source_sha256", "source",
        "git_commit", "git_dirty"}  # fmt: skip
