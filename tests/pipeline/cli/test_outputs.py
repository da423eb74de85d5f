"""Outputs that cannot be written, or not in full: what is shown never decides how finished work ends."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from pipeline.console.output import Output, Terminal, visible
from tests.support.desk import Desk
from tests.support.paths import TOY_APP

SLOW = pytest.mark.slow
LOST = "refit: the output is not complete: No space left on device\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("outputs")
    (directory / "numbers.txt").write_text("1 2 3")
    assert shell(directory, "run", "")[0] == 0
    return directory


def shell(directory: Path, arguments: str, rest: str, environment: str = "") -> tuple[int, str, str]:
    """Runs the toy pipeline in a shell. Returns its exit code, stdout and stderr. `rest`: redirections or a pipe."""
    file = f"--file={directory / 'numbers.txt'}" if arguments.startswith(("run", "plan")) else ""
    command = f"{environment} {sys.executable} {TOY_APP} {arguments} --pipeline_root={directory / 'root'} {file} {rest}"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "rest", "environment", "code", "err"),
    [
        pytest.param("run", "| head -n 0", "", 0, "", marks=SLOW),
        ("run", ">&-", "", 0, ""),
        pytest.param("run", ">/dev/full", "", 0, LOST, marks=SLOW),
        pytest.param("run", "", "PYTHONIOENCODING=latin-1", 0, "", marks=SLOW),
        pytest.param("runs", "| head -n 0", "", 141, "", marks=SLOW),
        pytest.param("runs", ">/dev/full", "", 1, LOST, marks=SLOW),
        pytest.param("run --json", "| head -n 0", "", 0, "", marks=SLOW),
        pytest.param("run --json", ">/dev/full 2>/dev/full", "", 0, "", marks=SLOW),
        pytest.param("run --verbose", ">&- 2>&- <&-", "", 0, "", marks=SLOW),
        pytest.param("run --quiet", ">/dev/full", "", 0, LOST, marks=SLOW),
        pytest.param("verify latest", "| head -n 0", "", 0, "", marks=SLOW),
        pytest.param("run --stumble=oh", ">/dev/full", "", 1, LOST, marks=SLOW),
        pytest.param("run --stumble=naïve→", "", "PYTHONIOENCODING=ascii", 1, "", marks=SLOW),
        pytest.param("run --factor=3.5", ">&-", "", 2, "", marks=SLOW),
        pytest.param("gc --keep=99", ">/dev/full", "", 0, LOST, marks=SLOW),
        pytest.param("explain", "| head -n 0", "", 141, "", marks=SLOW),
        pytest.param("plan --factor=3", ">/dev/full", "", 1, LOST, marks=SLOW),
        pytest.param("plan --factor=3", "", "PYTHONIOENCODING=ascii", 0, "", marks=SLOW),
        pytest.param("--help", "| head -n 0", "", 141, "", marks=SLOW),
    ],
)
def test_the_exit_code_is_how_the_work_ended(
    place: Path, arguments: str, rest: str, environment: str, code: int, err: str
) -> None:
    ended, _, said = shell(place, arguments, rest, environment)
    assert ended == code, said
    assert "Traceback" not in said
    if err or "|" in rest:
        assert said.endswith(err)
        assert "Broken pipe" not in said


def closed_pipe() -> TextIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w")


@pytest.mark.parametrize(
    ("stream", "run", "runs"),
    [
        pytest.param(lambda: Path("/dev/full").open("w"), 0, 1, id="full"),
        pytest.param(closed_pipe, 0, 141, id="a pipe that nobody reads"),
        pytest.param(lambda: io.TextIOWrapper(io.BytesIO(), "latin-1"), 0, 0, id="latin-1"),
    ],
)
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_run_ends_as_its_work_did(
    desk: Desk, stream: Callable[[], TextIO], run: int, runs: int, json: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, code in (("run", run), ("runs", runs)):
        monkeypatch.setattr(sys, "stdout", stream())
        assert desk(command, *json)[0] == code, command


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\rb\bc\x7fd\x9be", r"a\rb\x08c\x7fd\x9be"),
        ("‮desrever⁦", r"\u202edesrever\u2066"),
        ("line\nafter\ttab, naïve 文 →", "line\nafter\ttab, naïve 文 →"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown
    stream = io.StringIO()
    print(text, file=Output(stream))
    Terminal(stream, width=100).print(text, markup=False)
    assert stream.getvalue().startswith(f"{shown}\n")
    assert not [c for c in stream.getvalue() if visible(c) != c], "rich leaves some control characters out itself"


@pytest.mark.parametrize("command", [("run",), ("runs",), ("runs", "show", "latest"), ("explain",), ("plan",)])
def test_no_command_prints_a_control_character_of_a_setting(desk: Desk, command: tuple[str, ...]) -> None:
    desk("run", "--stumble=\x1b[2J\rgone")
    more = ["--stumble=\x1b[2J\rother"] if command[0] in ("run", "plan") else []
    _, out, err = desk(*command, *more)
    assert "\x1b" not in out + err
    assert "\r" not in out + err


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("--factor=3.5", "refit: flag --factor=3.5: a whole number is expected\n"),
        ("--factor=many", "refit: flag --factor=many: a whole number is expected\n"),
        ("--keep=1e3", "refit: flag --keep=1e3: a whole number is expected\n"),
    ],
)
def test_a_number_of_another_form_says_which_one_is_expected(desk: Desk, flag: str, expected: str) -> None:
    assert desk("run", flag) == (2, "", expected)


def test_help_is_a_command_too(desk: Desk) -> None:
    for command in ("gc", "run"):
        assert desk("help", command) == desk(command, "--help")
    code, out, _ = desk("help")
    assert (code, out) == desk("--help")[:2]
    assert "help COMMAND" in out
    assert desk("helpp")[2] == "refit: there is no command 'helpp'; did you mean 'help'?\n"


def test_the_json_has_settings_unchanged_and_errors_as_they_are_recorded(desk: Desk) -> None:
    run = json.loads(desk("run", "--json", "--stumble=\x1b[2J")[1])
    assert run["settings"]["stumble"] == "\x1b[2J"
    assert run["error"]["message"] == r"\x1b[2J"  # an error is made safe where it becomes a record


@pytest.mark.parametrize(
    ("command", "place"),
    [
        pytest.param("run", "tests.support.toy_app.ToyApp.summarize", id="in a run"),
        pytest.param("run", "pipeline.cli.commands.run.RunOptions", id="before a run"),
        pytest.param("gc", "pipeline.storage.garbage._executions", id="another command"),
    ],
)
@pytest.mark.parametrize("writable", [True, False])
def test_an_unexpected_error_of_the_system_is_one_line_and_a_traceback_in_a_log(
    desk: Desk, tmp_path: Path, command: str, place: str, writable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run()

    def fails(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", "/dev/disk")

    monkeypatch.setattr(place, fails)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if not writable and "summarize" not in place:
        shutil.rmtree(desk.root / "logs")
    code, out, err = desk(command, "--keep=1", "--quiet")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first == "refit: /dev/disk: Input/output error"
    log = Path(second.removeprefix("log: "))
    assert log.is_relative_to(desk.root / "logs" if writable or "summarize" in place else tmp_path)
    assert log.read_text().rstrip().endswith("OSError: [Errno 5] Input/output error: '/dev/disk'")
    assert "Traceback" in log.read_text()
