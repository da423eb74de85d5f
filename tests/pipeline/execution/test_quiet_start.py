"""A signal while the program is imported ends it without a traceback."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline.execution.quiet_start import quiet_start
from tests.support.paths import PROJECT

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
LOADED = "pipeline.execution.quiet_start"
PROGRAM = """
import signal, sys, time
from pipeline.execution.quiet_start import quiet_start
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
with quiet_start("__main__"):
    if sys.argv[1] == "inside":
        try:
            print("ready", flush=True)
            time.sleep(20)
        except BaseException:  # as a library does that tries an import
            time.sleep(20)
print("ready", flush=True)
time.sleep(2 if sys.argv[1] == "ignored" else 20)
"""


@pytest.mark.parametrize(
    ("moment", "sign", "code"),
    [(moment, sign, code) for moment in ("inside", "after") for sign, code in CODES.items()]
    + [("ignored", signal.SIGHUP, 0), ("ignored", signal.SIGINT, 130)],
)
def test_a_signal_during_the_imports(moment: str, sign: signal.Signals, code: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, moment], cwd=PROJECT, stdout=-1, stderr=-1, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sign)
    assert process.communicate() == ("", "")
    assert process.returncode == code


def test_an_importer_keeps_its_handlers() -> None:
    before = [signal.getsignal(number) for number in CODES]
    with quiet_start("run_local"):
        assert [signal.getsignal(number) for number in CODES] != before
    assert [signal.getsignal(number) for number in CODES] == before


def test_a_thread_can_import_it() -> None:
    entered = []

    def enter() -> None:
        with quiet_start("run_local"):
            entered.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [before]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["plan", "help", "run"])
@pytest.mark.parametrize("sign", CODES)
def test_a_signal_at_many_moments_of_the_start(sign: signal.Signals, command: str, tmp_path: Path) -> None:
    flags = ["--dataset=sample", "--offline", "--epochs=1", f"--pipeline_root={tmp_path / 'root'}"]
    for step in range(13):
        # The list of imports shows when the first import in the block has ended.
        line = [sys.executable, "-X", "importtime", "run_local.py", command, *flags]
        process = subprocess.Popen(line, cwd=PROJECT, stdout=-1, stderr=-1, text=True)
        assert process.stderr
        before = next(text for text in process.stderr if LOADED in text) + process.stderr.readline()
        time.sleep(step * 0.25)
        process.send_signal(sign)
        _, said = process.communicate()
        assert process.returncode in (CODES[sign], 0), before + said
        assert "Traceback" not in said
