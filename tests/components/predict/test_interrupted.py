"""An interrupted `predict`: no output, the finished parts stay, and the same command gives the same bytes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.components.predict.conftest import Predict
from tests.support.paths import PROJECT

ROWS, CHUNK = 600, 64


def write_texts(path: Path) -> None:
    rows = [f"{n},word{n % 36} word{n * 7 % 37}" for n in range(ROWS)]
    path.write_text("\n".join(["n,text", *rows]) + "\n")


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")],
)
def test_a_signal(
    number: int, code: int, words: str, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.predict import chunks, split
    from pipeline.storage.durable import fsync as flush

    monkeypatch.setattr(split, "CHUNK_ROWS", CHUNK)
    write_texts(tmp_path / "a.csv")
    output = tmp_path / "o.csv"
    given = (tmp_path / "a.csv", f"--output={output}")
    assert predict(*given).code == 0
    undisturbed = output.read_bytes()
    output.unlink()

    calls = []

    def signalled(path: Path) -> None:
        flush(path)
        calls.append(path)
        if len(calls) == 4:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(chunks, "fsync", signalled)
    ran = predict(*given)
    assert ran.code == code
    assert words in ran.err
    assert "resume: " in ran.err
    assert not output.exists()
    finished = list((tmp_path / ".o.csv.partial" / "work").glob("*.counts"))
    assert 0 < len(finished) < ROWS / CHUNK

    monkeypatch.setattr(chunks, "fsync", flush)
    ran = predict(*given)
    assert ran.code == 0, ran.err
    assert f"{len(finished)} of 10 parts are finished; continuing" in ran.err
    assert output.read_bytes() == undisturbed
    assert not (tmp_path / ".o.csv.partial").exists()


def test_other_settings_begin_again(predict: Predict, tmp_path: Path) -> None:
    write_texts(tmp_path / "a.csv")
    output = tmp_path / "o.csv"
    work = tmp_path / ".o.csv.partial" / "work"
    work.mkdir(parents=True)
    (work / "000000.json").write_text("of other files")
    assert predict(tmp_path / "a.csv", f"--output={output}").code == 0
    assert len(output.read_text().splitlines()) == ROWS + 1


KILLED = """
import os, signal, sys
import components.predict.chunks as chunks, components.predict.split as split
import run_local
split.CHUNK_ROWS, flush, calls, last = 64, chunks.fsync, [], int(sys.argv[1])
def killed(path):
    flush(path)
    calls.append(path)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
chunks.fsync = killed
sys.argv[1:2] = ["predict"]
run_local.console()
"""


@pytest.mark.slow
@pytest.mark.parametrize("call", [1, 2, 7, 12])
def test_a_kill_at_any_moment(
    call: int, serving: Path, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.predict import split

    monkeypatch.setattr(split, "CHUNK_ROWS", CHUNK)
    write_texts(tmp_path / "a.csv")
    assert predict(tmp_path / "a.csv", f"--output={tmp_path / 'undisturbed.csv'}").code == 0
    given = [str(tmp_path / "a.csv"), f"--output={tmp_path / 'o.csv'}", f"--serving_dir={serving}"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(call), *given, f"--pipeline_root={tmp_path / 'root'}"],
        cwd=PROJECT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (tmp_path / "o.csv").exists()
    assert predict(*given[:2]).code == 0
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "undisturbed.csv").read_bytes()
