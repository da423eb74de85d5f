"""The pipeline root: wrong roots, cleanup after killed processes, and two processes at the same time."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import PipelineError, WorkspaceError
from pipeline.core.records import ArtifactRecord, ExecutionRecord, RunRecord
from pipeline.metadata.opening import open_store
from pipeline.storage.durable import disk_errors
from pipeline.storage.owner import Owner
from pipeline.storage.reaper import reap
from pipeline.storage.staging import OWNER, Staging
from pipeline.storage.workspace import Workspace
from tests.support.toy import toy_pipeline


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("")
    with pytest.raises(WorkspaceError, match=r"root is a file; choose a directory with --pipeline_root"):
        Workspace.open(tmp_path / "root")


def test_a_root_that_cannot_be_written() -> None:
    with pytest.raises(WorkspaceError, match=r"root /proc/refit cannot be written: .*; choose another one") as caught:
        Workspace.open(Path("/proc/refit"))
    assert caught.value.exit_code == 2


def test_a_full_disk_has_its_own_message(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no space left on the disk of"), disk_errors(tmp_path):
        Path("/dev/full").write_text("more than it takes")


def test_an_owner_is_alive_as_long_as_its_process(tmp_path: Path) -> None:
    me = Owner.current()
    assert me.alive()
    assert not replace(me, started=me.started - 60).alive(), "another process with the same process id"
    assert not replace(me, boot_id="before the reboot").alive()
    assert replace(me, host="elsewhere", pid=1).alive(), "a process on another host cannot be checked"
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    import psutil

    theirs = replace(me, pid=child.pid, started=psutil.Process(child.pid).create_time())
    assert theirs.alive()
    child.communicate()
    assert not theirs.alive()


def execution(workspace: Workspace, run_id: str) -> tuple[ExecutionRecord, Staging]:
    """Creates a RUNNING execution of a Summer, in the record and on disk."""
    store = open_store(workspace.metadata)
    store.begin_run(RunRecord(run_id, "toy", "{}", "{}"))
    record = ExecutionRecord(f"{run_id}.Summer", "Summer", "Summer", run_id, "key", {"component": "Summer"})
    record = replace(record, id=store.begin(record))
    about = {"type_name": "Summer", "name": record.name, "component": "Summer", "run_id": run_id}
    staging = workspace.staging.stage(record.name, ["total"], about)
    (staging.output("total") / "total.txt").write_text("6")
    return record, staging


def kill_owner(staging: Staging) -> None:
    mark = json.loads((staging.path / OWNER).read_text())
    mark["owner"]["started"] -= 60
    (staging.path / OWNER).write_text(json.dumps(mark))


def kill_before_rename(workspace: Workspace, record: ExecutionRecord, staging: Staging) -> None:
    pass


def kill_after_rename(workspace: Workspace, record: ExecutionRecord, staging: Staging) -> None:
    workspace.commit(staging, "Summer", record.run_id)


def kill_after_fail(workspace: Workspace, record: ExecutionRecord, staging: Staging) -> None:
    workspace.commit(staging, "Summer", record.run_id)
    open_store(workspace.metadata).fail(record, "disk on fire")


def kill_after_publish(workspace: Workspace, record: ExecutionRecord, staging: Staging) -> None:
    _, manifest = workspace.commit(staging, "Summer", record.run_id)
    outputs = {"total": ArtifactRecord("Total", f"Summer/{record.run_id}/total", "digest")}
    record = replace(record, properties={"manifest_sha256": manifest})
    open_store(workspace.metadata).publish(record, outputs)


@pytest.mark.parametrize(
    ("kill", "reaped", "state"),
    [
        (kill_before_rename, True, "FAILED"),
        (kill_after_rename, True, "FAILED"),
        (kill_after_fail, False, "FAILED"),
        (kill_after_publish, False, "COMPLETE"),
    ],
)
def test_the_files_of_a_killed_process_are_deleted(tmp_path: Path, kill: object, reaped: bool, state: str) -> None:
    workspace = Workspace.open(tmp_path)
    store = open_store(workspace.metadata)
    record, staging = execution(workspace, "run1")
    kill(workspace, record, staging)  # type: ignore[operator]
    assert reap(workspace, store) == [], "its process is alive"
    kill_owner(staging)
    assert reap(workspace, store) == (["run1.Summer"] if reaped else [])
    found = store.find_by_name("Summer", "run1.Summer")
    assert found is not None
    assert found.state == state
    assert not staging.path.exists()
    assert (tmp_path / "Summer" / "run1").exists() == (state == "COMPLETE")
    assert reap(workspace, store) == []


def test_a_folder_without_a_complete_mark_is_deleted(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    half = workspace.staging.stage("run1.Summer", [], {})
    (half.path / OWNER).write_text('{"own')
    assert reap(workspace, open_store(workspace.metadata)) == []
    assert not half.path.exists()


def test_two_processes_run_the_same_work_once(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("1 2 3")
    script = f"""
import sys, time
from tests.support import toy
from pathlib import Path
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import Workspace
slow = toy.Scaler.run
toy.Scaler.run = lambda self, io: (time.sleep(2), slow(self, io))
root = Path({str(tmp_path)!r})
print("ready", flush=True)
input()
result = run(toy.toy_pipeline(root / "numbers.txt"), Workspace.open(root / "root"), RunOptions(), root, sys.stdout,
             lambda _: {{}})
print(result.exit_code, *(outcome.status.value for outcome in result.outcomes))
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([sys.executable, "-c", script], **pipes) for _ in range(2)]  # type: ignore[call-overload]
    assert [process.stdout.readline() for process in started] == ["ready\n"] * 2
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in started]
    ends = [text.splitlines()[-1] for text in said]
    assert all(end.startswith("0 ") for end in ends), said
    workspace = Workspace.open(tmp_path / "root")
    assert len(list((workspace.root / "Scaler").iterdir())) == 1, "it ran once"
    assert sum("Scaler waits: process " in text for text in said) == 1
    assert not list((workspace.root / ".staging").iterdir())
    assert toy_pipeline(tmp_path / "numbers.txt")


def test_a_kill_while_a_root_is_opened_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for name in ("unlink", "rename", "replace"):
        monkeypatch.setattr(Path, name, killed)
    Workspace.open(tmp_path / "root")
    assert list((tmp_path / "root" / ".staging").iterdir()) == []
