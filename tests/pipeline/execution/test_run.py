"""Runs of a pipeline: which components are executed, cached, failed and skipped, and what is recorded."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.caching.selection import Selection
from pipeline.core.errors import ConfigError
from pipeline.core.outcome import RunResult
from pipeline.execution.run import RunOptions, run
from pipeline.metadata.opening import open_store
from pipeline.storage.workspace import Workspace
from tests.support.paths import PROJECT
from tests.support.toy import toy_pipeline


class Toy:
    """A pipeline root, and the input file of its pipeline."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "numbers.txt"
        self.file.write_text("1 2 3")
        self.workspace = Workspace.open(directory / "root")
        self.said = io.StringIO()

    def run(self, force: str = "", **settings: int | str) -> RunResult:
        pipeline = toy_pipeline(self.file, **settings)  # type: ignore[arg-type]
        options = RunOptions(selection=Selection.of(pipeline, force=[force] if force else []), why="toy")
        return run(pipeline, self.workspace, options, PROJECT, self.said, lambda _: {})

    def files(self) -> set[str]:
        """Returns all files in the root except for metadata, locks and logs."""
        found = (path.relative_to(self.workspace.root) for path in self.workspace.root.rglob("*"))
        return {str(f) for f in found if f.parts[0] not in (".locks", "logs") and "metadata.sqlite" not in f.parts[0]}


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def statuses(result: RunResult) -> dict[str, str]:
    return {outcome.component: f"{outcome.status.value}: {outcome.reason}" for outcome in result.outcomes}


def digests(result: RunResult) -> dict[str, str]:
    return {f"{o.component}.{key}": record.digest for o in result.outcomes for key, record in o.outputs.items()}


def metadata_counts(toy: Toy) -> dict[str, int]:
    """Counts rows in a separate process: two SQLite libraries in one process release each other's locks."""
    count = "SELECT (SELECT count(*) FROM Artifact), (SELECT count(*) FROM Execution), (SELECT count(*) FROM Event)"
    script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())"
    command = [sys.executable, "-c", script, str(toy.workspace.metadata), count]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(zip(("Artifact", "Execution", "Event"), map(int, done.stdout.split()), strict=True))


def test_a_second_run_is_cached_and_a_third_executes_only_what_a_change_affects(toy: Toy) -> None:
    first = toy.run()
    everything = dict.fromkeys(("Reader", "Plain", "Scaler", "Summer"), "EXECUTED: first run")
    assert (statuses(first), first.exit_code) == (everything, 0)
    # Four outputs and four settlements, with an event each, and three input events.
    assert metadata_counts(toy) == {"Artifact": 8, "Execution": 4, "Event": 11}

    second = toy.run()
    assert statuses(second) == dict.fromkeys(everything, f"CACHED: unchanged since {first.run_id}")
    assert digests(second) == digests(first)
    # No new artifacts: four cached executions have events for their outputs and inputs.
    assert metadata_counts(toy) == {"Artifact": 8, "Execution": 8, "Event": 18}

    third = toy.run(factor=3)
    assert statuses(third) == {
        "Reader": f"CACHED: unchanged since {first.run_id}",
        "Plain": f"CACHED: unchanged since {first.run_id}",
        "Scaler": "EXECUTED: factor 2 → 3",
        "Summer": "EXECUTED: Scaler's scaled changed",
    }
    assert metadata_counts(toy) == {"Artifact": 12, "Execution": 12, "Event": 27}
    total = next(o for o in third.outcomes if o.component == "Summer").outputs["total"]
    assert (toy.workspace.root / total.uri / "total.txt").read_text() == "18"


def test_a_run_is_recorded_completely(toy: Toy) -> None:
    result = toy.run()
    store = open_store(toy.workspace.metadata)
    recorded = store.get_run(result.run_id)
    assert recorded is not None
    assert (recorded.pipeline, recorded.status) == ("toy", "COMPLETE")
    # Its paths are relative to the root, which may be moved.
    assert json.loads(recorded.result) == json.loads(json.dumps(result.summary).replace(f"{toy.workspace.root}/", ""))
    environment = json.loads(recorded.environment)
    assert environment["python"].startswith("3.11.")
    assert environment["libraries"]["apache-beam"].startswith("2.")
    executions = {e.component: e for e in store.executions_of(result.run_id)}
    assert {(e.component, e.type_name, e.state) for e in executions.values()} == {
        ("Reader", "Reader", "COMPLETE"),
        ("Plain", "Summer", "COMPLETE"),
        ("Scaler", "Scaler", "COMPLETE"),
        ("Summer", "Summer", "COMPLETE"),
    }
    assert executions["Reader"].outputs["numbers"].properties == {"count": 3}
    assert executions["Summer"].properties["wall"] == 0.5
    assert executions["Scaler"].key_fields["parameter:factor"] == "2"


def test_downstream_is_cached_if_upstream_produces_the_same_bytes(toy: Toy) -> None:
    first = toy.run()
    toy.file.write_text("1  2  3\n")
    assert statuses(toy.run()) == {
        "Reader": "EXECUTED: file changed",
        "Plain": f"CACHED: unchanged since {first.run_id}",
        "Scaler": f"CACHED: unchanged since {first.run_id}",
        "Summer": f"CACHED: unchanged since {first.run_id}",
    }


def test_a_forced_component_runs_even_if_cached(toy: Toy) -> None:
    first = toy.run()
    assert statuses(toy.run(force="Scaler")) == {
        "Reader": f"CACHED: unchanged since {first.run_id}",
        "Plain": f"CACHED: unchanged since {first.run_id}",
        "Scaler": "EXECUTED: forced",
        "Summer": f"CACHED: unchanged since {first.run_id}",
    }
    with pytest.raises(ConfigError, match="no component 'Scalar'; did you mean 'Scaler'"):
        toy.run(force="Scalar")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_text("2\n4\n7"), "Scaler/{run}/scaled/numbers.txt was changed"),
        (lambda path: path.unlink(), "Scaler/{run}/scaled/numbers.txt is missing"),
        (lambda path: (path.parents[1] / "MANIFEST.json").write_text("{}"), "Scaler/{run}/MANIFEST.json was changed"),
        (lambda path: (path.parents[1] / "MANIFEST.json").unlink(), "Scaler/{run} is missing"),
    ],
)
def test_a_component_with_damaged_outputs_runs_again(toy: Toy, damage: object, reason: str) -> None:
    first = toy.run()
    damage(toy.workspace.root / "Scaler" / first.run_id / "scaled" / "numbers.txt")  # type: ignore[operator]
    second = toy.run()
    assert statuses(second)["Scaler"] == f"EXECUTED: {reason.format(run=first.run_id)}"
    assert digests(second) == digests(first)
    third = toy.run()
    assert statuses(third)["Scaler"] == f"CACHED: unchanged since {second.run_id}"


def test_two_roots_have_equal_digests(toy: Toy, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert digests(toy.run()) == digests(Toy(tmp_path / "other").run())


def test_a_moved_root_stays_cached(toy: Toy, tmp_path: Path) -> None:
    first = toy.run()
    toy.workspace.root.rename(tmp_path / "moved")
    toy.workspace = Workspace.open(tmp_path / "moved")
    assert statuses(toy.run())["Summer"] == f"CACHED: unchanged since {first.run_id}"


def test_after_a_failure_other_branches_run_and_downstream_is_skipped(toy: Toy) -> None:
    toy.file.unlink()
    missing = toy.run()
    assert statuses(missing) == {
        "Reader": f"FAILED: {toy.file} is not there; write numbers into it",
        "Plain": "SKIPPED: needs Reader",
        "Scaler": "SKIPPED: needs Reader",
        "Summer": "SKIPPED: needs Scaler",
    }
    assert missing.exit_code == 3
    toy.file.write_text("4 5")
    broken = toy.run(stumble="a bug")
    assert {name: text.partition(":")[0] for name, text in statuses(broken).items()} == {
        "Reader": "EXECUTED",
        "Plain": "EXECUTED",
        "Scaler": "EXECUTED",
        "Summer": "FAILED",
    }
    assert (broken.status, broken.exit_code) == ("FAILED", 1)
    assert broken.summary["error"] == {
        "component": "Summer",
        "type": "ValueError",
        "message": "a bug",
        "log": str(broken.log),
    }
    assert "Traceback" in broken.log.read_text()
    executions = {e.component: e for e in open_store(toy.workspace.metadata).executions_of(broken.run_id)}
    assert {name: e.state for name, e in executions.items()} == {
        "Reader": "COMPLETE",
        "Plain": "COMPLETE",
        "Scaler": "COMPLETE",
        "Summer": "FAILED",
    }
    assert re.fullmatch(r"ValueError: a bug at .*toy\.py:\d+ run", str(executions["Summer"].properties["error"]))
    assert not list((toy.workspace.root / ".staging").iterdir())
    assert not (toy.workspace.root / "Summer").exists()


def test_ctrl_c_ends_the_run_with_130_and_leaves_no_incomplete_outputs(toy: Toy) -> None:
    (toy.workspace.root.parent / "uninterrupted").mkdir()
    uninterrupted = Toy(toy.workspace.root.parent / "uninterrupted")
    result = toy.run(stumble="ctrl-c")
    assert statuses(result)["Summer"] == "FAILED: interrupted"
    assert result.exit_code == 130
    resumed = toy.run()
    assert statuses(resumed)["Summer"].startswith("EXECUTED")
    assert digests(resumed) == digests(uninterrupted.run())
    assert not list((toy.workspace.root / ".staging").iterdir())


def test_other_settings_after_an_interruption_start_from_the_beginning_with_a_reason(toy: Toy) -> None:
    toy.run(stumble="half-way")
    [checkpoint] = (toy.workspace.root / ".resume").glob("*/half.txt")
    toy.run(stumble="half-way")
    assert "starts from the beginning" not in toy.said.getvalue()
    toy.run()
    line = (
        "Summer starts from the beginning: its checkpoint was made with other inputs or settings "
        "(stumble 'half-way' → '')"
    )
    assert line in toy.said.getvalue().splitlines()
    assert checkpoint.is_file(), "a run with the first settings can still resume"


def test_an_input_that_changes_while_it_is_read_is_an_error(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.toy import Reader

    read = Reader.run

    def edit_then_read(self: Reader, io: object) -> None:
        self.file.write_text("9 9")
        read(self, io)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "run", edit_then_read)
    result = toy.run()
    assert statuses(result)["Reader"] == (
        f"FAILED: {toy.file} changed while Reader read it; run again when it no longer changes"
    )
    assert result.exit_code == 3
