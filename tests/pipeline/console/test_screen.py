"""The output of a run: a live table on a terminal, plain lines elsewhere, with --quiet and --verbose."""

import os
import re
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from pipeline.console.style import fold
from pipeline.core.progress import Update, advance, counting, no_bar
from tests.support.desk import Desk
from tests.support.paths import TOY_APP

APP = TOY_APP
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """Runs the toy pipeline on a terminal of 80 columns and 24 lines."""

    def __init__(self, directory: Path, *arguments: str, **environment: str) -> None:
        (directory / "numbers.txt").write_text("1 2 3")
        command = [str(APP), *arguments, f"--pipeline_root={directory / 'root'}", f"--file={directory / 'numbers.txt'}"]
        inherited = {
            name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "COLUMNS", "LINES")
        }
        self.child = pexpect.spawn(
            sys.executable, command, env={**inherited, "TERM": "xterm-256color", **environment}, dimensions=(24, 80),
            encoding="utf-8", timeout=60,
        )  # fmt: skip
        self.before = termios.tcgetattr(self.child.child_fd)

    def finish(self) -> tuple[int, str]:
        """Returns the exit code and all output."""
        self.child.expect(pexpect.EOF)
        written = str(self.child.before)
        self.child.close()
        return int(self.child.exitstatus or 0), written


def seen(written: str) -> list[str]:
    """Returns the lines without colors and cursor movements."""
    return [line.rstrip() for line in ESCAPES.sub("", written).replace("\r", "\n").split("\n") if line.strip()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("terminal")


def test_a_terminal_shows_the_plan_the_table_and_the_result_within_80_columns(place: Path) -> None:
    code, written = Terminal(place, "run").finish()
    assert code == 0
    lines = seen(written)
    names = ["Reader", "Plain", "Scaler", "Summer"]
    assert re.fullmatch(r"run \S+: toy", lines[0])
    assert lines[1].split() == ["Component", "Status", "Time", "Reason"]
    assert [line.split() for line in lines[2:6]] == [["·", name, "will", "run", "first", "run"] for name in names]
    assert lines[-1] == "made 4, half 0.5000"
    assert [line.split()[:2] for line in lines[-5:-1]] == [[name, "EXECUTED"] for name in names]
    assert max(map(len, lines)) <= 80
    assert "\x1b[?25l" not in written, "a killed process could not show the cursor again"
    assert " runs: first run" not in written
    assert re.search(r"\x1b\[(\d+;)*3[0-9]", written), "colors"

    _, written = Terminal(place, "run").finish()
    stays = seen(written.rpartition("\x1b[2K")[2])  # everything before is overwritten
    assert len(stays) + 1 <= 25
    assert sum("unchanged since" in line for line in stays) == 4


def test_ctrl_c_restores_the_terminal_and_shows_how_to_resume(place: Path) -> None:
    terminal = Terminal(place, "run", "--stumble=slow")
    terminal.child.expect("this takes a while")
    terminal.child.expect("25%")
    assert termios.tcgetattr(terminal.child.child_fd) == terminal.before
    terminal.child.sendintr()
    code, written = terminal.finish()
    assert code == 130
    lines = seen(written)
    failed = lines.index("Summer failed: interrupted")
    assert lines[failed + 1].startswith("log:    ")
    assert re.match(r"resume: \S*python\S* ", lines[failed + 2])
    assert "\x1b[?" not in written.replace("\x1b[?25h", ""), "no terminal mode is set that would have to be reset"


@pytest.mark.parametrize(
    ("environment", "moves"),
    [({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, False), ({"CI": "true", "NO_COLOR": "1"}, False)],
)
def test_colors_and_the_live_table_can_be_switched_off(environment: dict[str, str], moves: bool, place: Path) -> None:
    code, written = Terminal(place, "run", "--force=Plain", **environment).finish()
    assert code == 0
    assert not re.search(r"\x1b\[(\d+;)*3[0-9]", written)
    assert ("\x1b[2K" in written) == moves
    assert ("Plain runs: forced" in written) != moves


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], ["run *: toy", "Reader runs: first run", "Plain runs: first run", "Scaler runs: first run",
              "Summer runs: first run", "Component * Reason", "Reader *", "Plain *", "Scaler *", "Summer *",
              "made 4, half 0.5000"]),
        (["--quiet"], ["made 4, half 0.5000"]),
    ],
)  # fmt: skip
def test_a_pipe_gets_plain_lines_and_a_quiet_run_only_the_result(
    flags: list[str], expected: list[str], desk: Desk
) -> None:
    code, out, err = desk("run", *flags)
    assert (code, err) == (0, "")
    lines = [line for line in out.splitlines() if line]
    assert len(lines) == len(expected)
    for line, wanted in zip(lines, expected, strict=True):
        assert re.match(re.escape(wanted).replace(r"\*", ".*"), line), (line, wanted)


def test_a_verbose_run_shows_the_plan_and_all_python_logs(desk: Desk) -> None:
    _, out, _ = desk("run", "--verbose", "--stumble=a bug")
    assert "plan: Summer RUN: first run" in out.splitlines()
    assert "Traceback (most recent call last):" in out.splitlines()


def test_an_error_while_planning_does_not_fail_the_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("cannot read it")

    monkeypatch.setattr("pipeline.execution.run.plan", fail)
    code, out, _ = desk("run", "--verbose")
    assert code == 0
    assert "plan: Summer RUN: " in out.splitlines()


def test_a_failure_ends_with_cause_place_log_and_resume(desk: Desk) -> None:
    code, out, _ = desk("run", "--stumble=a bug")
    assert code == 1
    lines = out.splitlines()[-4:]
    assert lines[0] == "Summer failed: ValueError: a bug"
    assert re.fullmatch(r"  at .*toy\.py:\d+ run; the log has the full traceback", lines[1])
    assert re.fullmatch(r"log:    .*\.log", lines[2])
    assert re.match(r"resume: \S*python\S* /\S*/toy_app\.py run '--stumble=a bug'", lines[3])


def test_quiet_and_verbose_contradict_each_other(desk: Desk) -> None:
    assert desk("run", "--quiet", "--verbose")[::2] == (
        2, "refit: --quiet and --verbose contradict each other; leave one out\n")  # fmt: skip


EPOCH = "epoch  1/10   train loss 2.2542 acc 0.1631   val loss 2.1054 acc 0.1698   2.1 s   lr 0.001"


@pytest.mark.parametrize(
    ("line", "width", "folded"),
    [
        ("short", 80, "short"),
        ("──── 04:15 ──────────", 15, "──── 04:15 ────"),
        (EPOCH, 100, EPOCH),
        (EPOCH, 60, "epoch  1/10   train loss 2.2542 acc 0.1631\n"
                    "              val loss 2.1054 acc 0.1698   2.1 s   lr 0.001"),
        ("no gap in a line that is too long", 15, "no gap in a\n  line that is\n  too long"),
        ("see https://example.org/a-long/address", 15, "see\n  https://example.org/a-long/address"),
    ],
)  # fmt: skip
def test_long_lines_are_broken_at_gaps(line: str, width: int, folded: str) -> None:
    assert fold(line, width) == folded


def test_a_bar_shows_the_units_that_functions_count() -> None:
    shown: list[tuple[int, str]] = []
    updated = threading.Event()

    @contextmanager
    def watched(total: int | None, units: str) -> Iterator[Update]:
        def update(done: int, what: str) -> None:
            shown.append((done, what))
            updated.set()

        yield update

    advance(5)  # counted before this step
    with counting(watched, 10, "texts", "tokens"):
        advance()
        advance(2)
        updated.clear()
        assert updated.wait(10)
    assert shown[-1] == (3, "tokens")
    begun = time.monotonic()
    with counting(no_bar, None, "texts", "tokens"):
        pass
    assert time.monotonic() - begun < 1
