"""Commands that only read use the metadata file where it is, and a copy while another process writes to it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.records import RunRecord
from pipeline.metadata.opening import open_for_reading, open_store
from pipeline.metadata.retry import MetadataError
from pipeline.metadata.store import MlmdStore
from tests.support.paths import PROJECT

RUN = RunRecord("run0", "toy", "{}", "{}")

WRITER = """
import sys
from pathlib import Path
from pipeline.core.records import RunRecord
from pipeline.metadata.store import MlmdStore
store = MlmdStore(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    if sys.argv[4] == "opens":  # each time anew: when the last one is closed, its log moves into the file
        del store
        store = MlmdStore(Path(sys.argv[1]))
    store.begin_run(RunRecord(f"run{number}", "toy", "{}", "{}"))
    print(number, flush=True)
    sys.stdin.readline() if sys.argv[4] == "waits" else None
"""

ENDING = """
import gc, sys
from pathlib import Path
from pipeline.core.records import RunRecord
from pipeline.metadata.opening import open_store
place = Path(sys.argv[1])
store = open_store(place)
store.begin_run(RunRecord("run1", "toy", "{}", "{}"))
print(place.with_name("metadata.sqlite-wal").exists())
held = [store]
held.append(held)
gc.freeze()  # as a command line does before it ends
"""


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which copies are made."""
    folder = tmp_path / "copies"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file that another process wrote."""
    place = tmp_path / "root" / "metadata.sqlite"
    place.parent.mkdir()
    with writing(place, 0, 1):
        pass
    return place


@contextmanager
def writing(place: Path, first: int, end: int, how: str = "ends") -> Iterator[subprocess.Popen[str]]:
    """Records runs in another process. It has written at least one when the block begins."""
    command = [sys.executable, "-c", WRITER, str(place), str(first), str(end), how]
    with subprocess.Popen(command, cwd=PROJECT, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        yield process
        process.communicate()
    assert process.returncode == 0


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_a_complete_file_is_read_where_it_is(place: Path, copies: Path) -> None:
    before = state(place.parent)
    assert open_for_reading(place).run_ids() == ["run0"]
    assert state(place.parent) == before
    assert not list(copies.iterdir())


def test_a_file_with_a_log_is_copied(place: Path, copies: Path) -> None:
    with writing(place, 1, 2, "waits"):
        before = state(place.parent)
        assert before["metadata.sqlite-wal"][1]
        assert open_for_reading(place).run_ids() == ["run0", "run1"]
        assert state(place.parent) == before
        assert list(copies.iterdir())


@pytest.mark.parametrize("writer", ["waits", "has ended"])
def test_what_is_written_after_the_first_read_is_found(place: Path, copies: Path, writer: str) -> None:
    store = open_for_reading(place)
    assert store.run_ids() == ["run0"]
    with writing(place, 1, 2, "waits" if writer == "waits" else "ends") as process:
        if writer == "has ended":
            process.communicate()
        assert store.run_ids() == ["run0", "run1"]
    assert list(copies.iterdir())


@pytest.mark.parametrize("how", ["stays open", "opens"])
def test_all_reads_are_right_while_a_process_writes(place: Path, copies: Path, how: str) -> None:
    reads = 0
    with writing(place, 1, 150, how) as process:
        while process.poll() is None:
            found = {int(name.removeprefix("run")) for name in open_for_reading(place).run_ids()}
            assert found == set(range(len(found)))
            reads += 1
    assert reads > 3
    assert len(open_for_reading(place).run_ids()) == 150


def test_a_log_that_vanishes_while_it_is_copied(place: Path, copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copyfile
    with writing(place, 1, 2, "waits") as process:

        def end_first(source: Path, target: Path) -> None:
            if source.name.endswith("-wal") and process.poll() is None:
                process.communicate()
            copy(source, target)

        monkeypatch.setattr(shutil, "copyfile", end_first)
        assert open_for_reading(place).run_ids() == ["run0", "run1"]


def test_a_log_that_vanishes_while_its_state_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(place, 1, 2, "waits") as process:
        stat = Path.stat

        def end_after(path: Path, **named: bool) -> os.stat_result:
            found = stat(path, **named)  # as for a caller that asks whether it exists, and then for its size
            if path.name.endswith("-wal") and process.poll() is None:
                process.communicate()
            return found

        monkeypatch.setattr(Path, "stat", end_after)
        assert open_for_reading(place).run_ids() == ["run0", "run1"]


def test_this_process_may_write_as_well(place: Path, copies: Path) -> None:
    store = open_for_reading(place)
    assert store.run_ids() == ["run0"]
    open_store(place).begin_run(replace(RUN, run_id="run1"))
    assert store.run_ids() == ["run0", "run1"]
    assert open_for_reading(place) is open_store(place)
    assert not list(copies.iterdir())


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%41", "ü", "[a]*", "a&immutable=0", "file:a"])
def test_folders_with_unusual_names(tmp_path: Path, copies: Path, name: str) -> None:
    place = tmp_path / name / "metadata.sqlite"
    place.parent.mkdir()
    with writing(place, 0, 1):
        pass
    assert open_for_reading(place).run_ids() == ["run0"]
    assert not list(copies.iterdir())


def test_files_without_runs(tmp_path: Path, copies: Path) -> None:
    place = tmp_path / "metadata.sqlite"
    assert open_for_reading(place).run_ids() == []
    assert not place.exists()
    place.touch()
    assert open_for_reading(place).run_ids() == []
    assert place.stat().st_size == 0


def test_a_damaged_file_is_an_error(place: Path, copies: Path) -> None:
    place.write_bytes(b"no database" * 1000)
    with pytest.raises(MetadataError, match=r"metadata\.sqlite failed: "):
        open_for_reading(place)


def test_it_finds_what_the_store_finds(place: Path, copies: Path) -> None:
    reader, store = open_for_reading(place), MlmdStore(place)
    assert reader.recent_runs(3) == store.recent_runs(3)
    assert reader.get_run("run0") == store.get_run("run0")


def test_a_process_that_ends_leaves_no_log(place: Path) -> None:
    command = [sys.executable, "-c", ENDING, str(place)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert [path.name for path in place.parent.iterdir() if not path.name.startswith(".")] == ["metadata.sqlite"]
    assert open_for_reading(place).run_ids() == ["run0", "run1"]


def test_a_store_that_was_closed_opens_again(place: Path) -> None:
    store = open_store(place)
    store.close()
    assert store.run_ids() == ["run0"]
