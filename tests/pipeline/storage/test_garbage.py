"""`gc`: what it deletes, what it keeps, and that it does not harm a run at the same time."""

import subprocess
import sys

import pytest

from tests.support.desk import Desk
from tests.support.wholeness import assert_whole


def folders(desk: Desk) -> set[str]:
    return {f"{path.parent.name}/{path.name}" for path in desk.root.glob("[A-Z]*/*/")}


def test_gc_keeps_what_the_kept_runs_need(desk: Desk) -> None:
    first, second, third = (desk.run(f"--factor={factor}") for factor in (2, 3, 4))
    everything = folders(desk)
    would = desk.json("gc", "--keep=1", "--dry_run")
    assert folders(desk) == everything
    assert {(c["component"], c["run_id"]) for c in would["collected"]} == {
        ("Scaler", first), ("Scaler", second), ("Summer", first), ("Summer", second)}  # fmt: skip
    assert len(would["collected"]) == 4
    done = desk.json("gc", "--keep=1")
    assert done["collected"] == would["collected"]
    assert done["kept"] == [third]
    # The third run took Reader and Plain of the first run from the cache.
    assert folders(desk) == {f"Reader/{first}", f"Plain/{first}", f"Scaler/{third}", f"Summer/{third}"}
    assert_whole(desk.root)
    assert {c["status"] for c in desk.json("run", "--factor=4")["components"]} == {"CACHED"}
    again = {c["name"]: (c["status"], c["reason"]) for c in desk.json("run", "--factor=2")["components"]}
    assert again["Scaler"] == ("EXECUTED", "its last outputs were deleted")
    assert desk.json("verify", second)["equal"]
    shown = desk.json("runs", "show", second)
    assert {c["name"]: o["live"] for c in shown["components"] for o in c["outputs"].values()} == {
        "Reader": True, "Plain": True, "Scaler": False, "Summer": False}  # fmt: skip


def test_gc_frees_the_reports_logs_and_events_of_forgotten_runs_alone(desk: Desk) -> None:
    first, forgotten, cached = desk.run(), desk.run("--factor=3"), desk.run()
    for run_id in (first, forgotten, cached):
        for path in (f"reports/{run_id}.html", f"tensorboard/{run_id}/train/events"):
            (desk.root / path).parent.mkdir(parents=True, exist_ok=True)
            (desk.root / path).write_text("x" * 1000)
    for other in ("reports/index.html", "logs/error-1.log"):
        (desk.root / other).write_text("not of a run")
    files = {path for kind in ("reports", "logs", "tensorboard") for path in (desk.root / kind).rglob("*")}
    would = desk.json("gc", "--keep=1", "--dry_run")
    log = (desk.root / "logs" / f"{forgotten}.log").stat().st_size
    assert would["freed"] == {"artifacts": would["freed"]["artifacts"], "reports": 1000, "logs": log,
                              "tensorboard": 1000}  # fmt: skip
    assert would["bytes"] == sum(would["freed"].values())
    assert all(path.exists() for path in files)
    code, out, _ = desk("gc", "--keep=1")
    assert (code, "reports 0.0 MB, logs 0.0 MB, tensorboard 0.0 MB" in out) == (0, True)
    # The kept run took its artifacts from the first one, whose report describes them.
    assert {path for path in files if not path.exists()} == {path for path in files if forgotten in str(path)}
    assert desk.json("gc", "--keep=1")["bytes"] == 0


def test_gc_deletes_nothing_twice(desk: Desk) -> None:
    desk.run()
    desk.run("--factor=3")
    assert len(desk.json("gc", "--keep=1")["collected"]) == 2
    assert desk.json("gc", "--keep=1")["collected"] == []
    assert [len(desk.json("gc", "--keep=0")["collected"]), folders(desk)] == [4, set()]


def test_runs_that_the_application_keeps_stay(desk: Desk) -> None:
    good = desk.run("--stumble=good")
    desk.run("--factor=3")
    last = desk.run("--factor=4")
    assert desk.json("gc", "--keep=1", "--keep_good")["kept"] == [last, good]
    assert f"Summer/{good}" in folders(desk)


def test_gc_deletes_checkpoints(desk: Desk) -> None:
    desk.run("--stumble=half-way", code=130)
    assert list((desk.root / ".resume").glob("*/half.txt"))
    desk.run()
    desk.json("gc", "--keep=1")
    assert not list((desk.root / ".resume").glob("*"))


def test_gc_keeps_what_an_active_run_took_from_the_cache(desk: Desk) -> None:
    first = desk.run()
    desk.run("--factor=9")
    program = f"""
import sys
from tests.support import toy, toy_app
from pipeline.cli import command_line
original = toy.Summer.run
def waiting(self, io):
    if self.name == "Summer":
        print("ready", flush=True)
        input()
    original(self, io)
toy.Summer.run = waiting
arguments = ["run", "--file={desk.file}", "--pipeline_root={desk.root}", "--force=Summer"]
sys.exit(command_line.main(toy_app.APP, ["toy_app.py", *arguments]))
"""
    active = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert active.stdin
    assert active.stdout
    while active.stdout.readline() != "ready\n":
        pass
    collected = {(c["component"], c["run_id"]) for c in desk.json("gc", "--keep=0")["collected"]}
    assert ("Scaler", first) not in collected
    assert len(collected) > 0
    active.communicate("\n")
    assert active.returncode == 0
    assert f"Scaler/{first}" in folders(desk)
    assert_whole(desk.root)


def test_gc_finishes_what_a_killed_one_began_although_it_keeps_more_runs(desk: Desk) -> None:
    first = desk.run()
    desk.run("--factor=9")
    program = f"""
import os, sys
from tests.support import toy_app
from pipeline.cli import command_line
from pipeline.storage.workspace import Workspace
Workspace.remove_outputs = lambda *_: os._exit(137)
command_line.main(toy_app.APP, ["toy_app.py", "gc", "--keep=1", "--pipeline_root={desk.root}"])
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 137
    deleted = [c["component"] for c in desk.json("gc", "--keep=2")["collected"]]
    assert len(deleted) == 1
    assert f"{deleted[0]}/{first}" not in folders(desk)
    assert_whole(desk.root)
    assert desk.json("gc", "--keep=2")["collected"] == []


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "gc needs the number of last runs to keep complete, for example --keep=10"),
        (["--keep=-1"], "flag --keep=-1: -1 is not a non-negative integer"),
    ],
)
def test_bad_usage(desk: Desk, flags: list[str], message: str) -> None:
    desk.run()
    code, _, err = desk("gc", *flags)
    assert (code, err) == (2, f"refit: {message}\n")
