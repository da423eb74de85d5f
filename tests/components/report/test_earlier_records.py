"""Runs that an earlier version recorded: without settings, with others, or with results in another form."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rooms import Newsroom

SETTINGS = {
    "absent": None,
    "empty": "",
    "no JSON": "--epochs=3",
    "no object": '["epochs", 3]',
    "unknown": '{"unheard_of": {"a": [1, null]}, "dataset": 7, "preset": null}',
}
SHOWN = [
    ("runs",),
    ("runs", "--json"),
    ("runs", "show", "latest"),
    ("runs", "show", "latest", "--json"),
    ("runs", "diff", "latest", "latest"),
    ("explain",),
    ("report",),
    ("report", "--all"),
]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "root")


def record(room: Newsroom, name: str, value: str | None) -> None:
    """Changes a property of all runs, in a separate process: two SQLite libraries in one process disturb each other."""
    change = "delete from ContextProperty" if value is None else "update ContextProperty set string_value = :value"
    code = (
        "import sqlite3, sys, json; c = sqlite3.connect(sys.argv[1]);"
        "print(c.execute(sys.argv[2], json.loads(sys.argv[3])).rowcount); c.commit()"
    )
    values = json.dumps({"name": name, "value": value})
    arguments = [str(room.workspace.metadata), f"{change} where name = :name", values]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_run_without_settings_or_with_unknown_ones_is_shown(
    settings: str, room: Newsroom, capfd: pytest.CaptureFixture[str]
) -> None:
    run_id = room.run()
    record(room, "settings", SETTINGS[settings])
    for arguments in SHOWN:
        capfd.readouterr()
        assert room(*arguments) == 0, (arguments, capfd.readouterr().err)
        out = capfd.readouterr().out
        assert run_id in out or arguments[-1] in ("latest", "--all"), arguments
    if settings != "unknown":
        for command in ("verify", "replay"):
            assert room(command, run_id) == 2
            assert f"run {run_id} was recorded without its settings, so it cannot be repeated" in capfd.readouterr().err


def test_an_environment_that_cannot_be_read_is_left_out(room: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
    room.run()
    record(room, "json", "of another form")
    for arguments in SHOWN:
        assert room(*arguments) == 0, (arguments, capfd.readouterr().err)


@pytest.mark.parametrize("result", ['{"run_id": 3}', "[]", "no JSON"])
def test_a_result_of_another_form_is_named_and_the_rest_is_shown(
    result: str, room: Newsroom, capfd: pytest.CaptureFixture[str]
) -> None:
    run_id = room.run()
    record(room, "result", result)
    for arguments in SHOWN:
        report = arguments[0] == "report"
        capfd.readouterr()
        assert room(*arguments) == (3 if report else 0), (arguments, capfd.readouterr().err)
        printed = capfd.readouterr()
        assert (f"the result of run {run_id}" in printed.err) is report
    assert "has not ended" not in room.workspace.report_file(run_id).read_text(encoding="utf-8")
