"""The check at the end of each session of tests finds what it looks for."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import leftovers


def test_an_orphan_is_found_by_its_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(leftovers.MARK, "an orphan")
    monkeypatch.setattr(leftovers, "PATIENCE", 0)
    child = "import time; print('ready', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.wait()
    [orphan] = leftovers.marked("an orphan")
    assert "time.sleep(60)" in leftovers.processes("an orphan")[0]
    orphan.kill()
    process.stdout.close()


def test_mounts_and_files_are_found(tmp_path: Path) -> None:
    assert leftovers.mounts(Path("/proc"))
    assert leftovers.mounts(tmp_path) == []
    (tmp_path / "refit-verify-x").mkdir()
    (tmp_path / "refit-metadata-x").mkdir()
    assert leftovers.files(tmp_path) == ["refit-verify-x"]
