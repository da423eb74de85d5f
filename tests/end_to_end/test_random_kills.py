"""Signals at random moments of all commands lose nothing. `python -m tests.support.random_kills` sends more."""

import subprocess
import sys

import pytest

from tests.support.paths import PROJECT


@pytest.mark.slow
def test_forty_signals_at_random_moments_lose_nothing() -> None:
    """In its own process, which forks for each command and so must not have opened a database."""
    command = [sys.executable, "-m", "tests.support.random_kills", "40", "3"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 RUNNING, verify equal" in done.stdout
