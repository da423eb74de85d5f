"""Every engine command works on a pipeline that has nothing to do with text."""

import pytest

from pipeline.cli.command_line import COMMANDS
from tests.support.desk import Desk

COMMAND_LINES = {
    "run": (["run"], "made 4, half 0.5000"),
    "plan": (["plan", "--factor=3"], "Scaler     RUN"),
    "explain": (["explain", "latest", "Scaler"], "Scaler ran: first run"),
    "runs": (["runs"], "COMPLETE"),
    "verify": (["verify", "latest"], "the same bits"),
    "replay": (["replay", "latest"], "CACHED"),
    "gc": (["gc", "--keep=1"], "1 runs stay complete"),
    "cluster": (["cluster", "down", "--flink_port=1"], "flink://127.0.0.1:1 does not run"),
    "doctor": (["doctor"], "all there"),
}


def test_the_table_has_every_command() -> None:
    assert COMMAND_LINES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMAND_LINES)
def test_it_works_on_the_toy_pipeline(desk: Desk, command: str) -> None:
    desk.run()
    arguments, shown = COMMAND_LINES[command]
    code, out, err = desk(*arguments)
    assert shown in out, err
    assert code == (1 if command == "doctor" else 0)  # the toy program has no lock file
