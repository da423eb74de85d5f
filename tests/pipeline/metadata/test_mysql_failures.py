"""A database server that is killed, slow, or loses connections in mid-run: the run ends clearly."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import mariadb
from tests.support.desk import Desk
from tests.support.paths import TOY_APP
from tests.support.slow_proxy import slow_proxy

pytestmark = pytest.mark.slow

WAITING = """
import sys
from tests.support import toy, toy_app
from pipeline.cli import command_line
holder, name, number = {holder}, {name!r}, {number}
original, calls = getattr(holder, name), 0
def waiting(*arguments, **named):
    global calls
    calls += 1
    if calls == number:
        print("ready", flush=True)
        input()
    return original(*arguments, **named)
setattr(holder, name, waiting)
command_line.console(toy_app.APP)
"""
STORE = "command_line.importlib.import_module('pipeline.metadata.store').MlmdStore"


@pytest.fixture
def url(database_server: mariadb.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("REFIT_METADATA_PASSWORD", mariadb.SECRET)
    return database_server.url(f"refit_{abs(hash(tmp_path))}")


def assert_settled(desk: Desk, url: str, code: int) -> None:
    """The next run completes, and nothing is RUNNING."""
    flag = f"--metadata={url}"
    assert desk.json("run", flag)["status"] == "COMPLETE"
    last, *earlier = desk.json("runs", flag)
    assert last["status"] == "COMPLETE"
    assert {run["status"] for run in earlier} <= ({"COMPLETE"} if code == 0 else {"FAILED"})
    for run in (last, *earlier):
        explained = desk.json("explain", run["run_id"], flag)["components"]
        assert not [component for component in explained if component["state"] == "RUNNING"], run
    assert desk.json("verify", "latest", flag)["equal"]
    assert list((desk.root / ".staging").iterdir()) == []


@pytest.mark.parametrize(
    ("holder", "name", "number"),
    [
        ("toy.Scaler", "run", 1),
        (STORE, "begin_run", 1),
        (STORE, "begin", 2),
        (STORE, "publish", 2),
        (STORE, "publish", 4),
        (STORE, "end_run", 1),
    ],
)
def test_a_server_that_is_killed_and_started_again_in_mid_run(
    desk: Desk, database_server: mariadb.Server, url: str, holder: str, name: str, number: int
) -> None:
    command = [sys.executable, "-c", WAITING.format(holder=holder, name=name, number=number), "run"]
    command += [f"--file={desk.file}", f"--pipeline_root={desk.root}", f"--metadata={url}"]
    process = subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert any(line == "ready\n" for line in process.stdout)
    assert database_server.process
    database_server.process.kill()
    database_server.process.wait()
    database_server.start()
    out, err = process.communicate("\n", timeout=120)
    assert process.returncode in (0, 1), err
    assert "Traceback" not in out + err
    assert process.returncode == 0 or "run again when the database works" in out + err
    assert_settled(desk, url, process.returncode)


def run_through(desk: Desk, url: str, server: int, proxy: int) -> subprocess.CompletedProcess[str]:
    """Runs in another process, because ML Metadata stops all threads of this one, the proxy's too, while it waits."""
    command = [sys.executable, str(TOY_APP), "run", f"--file={desk.file}", f"--pipeline_root={desk.root}"]
    command.append(f"--metadata={url.replace(f':{server}/', f':{proxy}/')}")
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


def test_a_slow_server(desk: Desk, database_server: mariadb.Server, url: str) -> None:
    """50 ms for every request to the server."""
    with slow_proxy(database_server.port, 0.05) as proxy:
        done = run_through(desk, url, database_server.port, proxy.port)
        assert done.returncode == 0, done.stderr
        assert proxy.requests > 100
    assert_settled(desk, url, 0)


@pytest.mark.parametrize("request_number", range(10, 371, 60))
def test_a_connection_that_is_lost(desk: Desk, database_server: mariadb.Server, url: str, request_number: int) -> None:
    assert desk.json("run", f"--metadata={url}", "--factor=9")["status"] == "COMPLETE"  # creates the tables
    with slow_proxy(database_server.port, 0) as proxy:
        proxy.cut_at = request_number
        done = run_through(desk, url, database_server.port, proxy.port)
        assert proxy.requests >= request_number, proxy.requests
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    flag = f"--metadata={url}"
    assert desk.json("run", flag)["status"] == "COMPLETE"
    assert {run["status"] for run in desk.json("runs", flag)} <= {"COMPLETE", "FAILED"}
    assert list((desk.root / ".staging").iterdir()) == []
