"""A team's database: it works like a file, and each failure of the server has a clear message."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.storage.database_url import MySql, parse_place, password
from tests.support import mariadb
from tests.support.desk import Desk
from tests.support.paths import TOY_APP


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("mysql://refit@localhost/team", MySql("refit", "localhost", 3306, "team")),
        ("mysql://re%40fit@db.example:3307/te_am", MySql("re@fit", "db.example", 3307, "te_am")),
    ],
)
def test_a_valid_url(url: str, place: MySql) -> None:
    assert parse_place(url) == place


FORM = "is not of the form mysql://user@host:port/database"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://refit@localhost", f"--metadata=mysql://refit@localhost {FORM}"),
        ("mysql://refit@localhost/", FORM),
        ("mysql://localhost/team", FORM),
        ("mysql://refit@/team", FORM),
        ("mysql://refit@host/a/b", FORM),
        ("mysql://refit@host:port/team", FORM),
        ("sqlite:///x", FORM),
        ("somewhere", FORM),
        ("postgresql://refit@host/team", "PostgreSQL is not supported: ML Metadata 1.17 does not quote text"),
        ("mysql://refit:hunter2@host/team", "--metadata must not contain a password, because other users can see it; "
         "set $REFIT_METADATA_PASSWORD to it, or $REFIT_METADATA_PASSWORD_FILE to the name of a file that contains it"),
        ("http://refit:hunter2@host:no/team", FORM),
    ],
)  # fmt: skip
def test_an_invalid_url(desk: Desk, url: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_place(url)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)
    code, _, err = desk("run", f"--metadata={url}")
    assert (code, err) == (2, f"refit: {caught.value}\n")


def test_the_password_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REFIT_METADATA_PASSWORD", raising=False)
    assert password() == ""
    monkeypatch.setenv("REFIT_METADATA_PASSWORD_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigError, match=r"\$REFIT_METADATA_PASSWORD_FILE names .*secret, which cannot be read"):
        password()
    (tmp_path / "secret").write_text("from a file\n")
    assert password() == "from a file"
    monkeypatch.setenv("REFIT_METADATA_PASSWORD", "given")
    assert password() == "given"


@pytest.fixture
def url(database_server: mariadb.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns the URL of a new database for each test."""
    monkeypatch.setenv("REFIT_METADATA_PASSWORD", mariadb.SECRET)
    return database_server.url(f"refit_{abs(hash(tmp_path))}")


def test_all_commands_work_with_the_database(desk: Desk, url: str) -> None:
    flag = f"--metadata={url}"
    first = desk.run(flag)
    second = desk.json("run", flag, "--factor=3")
    assert {c["name"]: c["status"] for c in second["components"]} == {
        "Reader": "CACHED", "Plain": "CACHED", "Scaler": "EXECUTED", "Summer": "EXECUTED"}  # fmt: skip
    assert [run["run_id"] for run in desk.json("runs", flag)] == [second["run_id"], first]
    assert desk.json("plan", flag)["components"][0]["status"] == "CACHED"
    assert desk.json("verify", first, flag)["equal"]
    assert desk.json("replay", first, flag)["status"] == "COMPLETE"
    assert [c["phrase"] for c in desk.json("explain", second["run_id"], "Scaler", flag)["components"][0]["causes"]] == [
        "factor 2 → 3"]  # fmt: skip
    assert len(desk.json("gc", "--keep=1", flag)["collected"]) == 2
    assert not (desk.root / "metadata.sqlite").exists()
    logs = "".join(path.read_text() for path in desk.root.rglob("*.log"))
    assert mariadb.SECRET not in logs


def test_eight_processes_use_one_database(desk: Desk, url: str) -> None:
    command = [sys.executable, str(TOY_APP), "run", "--json", f"--file={desk.file}", f"--metadata={url}"]
    processes = [
        subprocess.Popen([*command, f"--factor={number}", f"--pipeline_root={desk.root}"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
        for number in range(8)
    ]  # fmt: skip
    ended = [(*process.communicate(), process.returncode) for process in processes]
    assert [code for _, _, code in ended] == [0] * 8, ended
    runs = desk.json("runs", f"--metadata={url}")
    assert [run["status"] for run in runs] == ["COMPLETE"] * 8
    assert all(len(run["components"]) == 4 for run in runs)


def test_a_wrong_password(desk: Desk, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFIT_METADATA_PASSWORD", "wrong-guess")
    code, _, err = desk("run", f"--metadata={url}")
    assert code == 1
    assert err == (
        f"refit: the metadata database {url} cannot be opened: the server refuses user 'refit'; set the password in "
        f"$REFIT_METADATA_PASSWORD or in the file that $REFIT_METADATA_PASSWORD_FILE names, and grant the user the "
        f"right to create and change database '{parse_place(url).database}'\n"
    )


def test_a_server_that_is_down(desk: Desk) -> None:
    code, _, err = desk("run", "--metadata=mysql://refit@127.0.0.1:9/team")
    assert code == 1
    assert err == (
        "refit: the metadata database mysql://refit@127.0.0.1:9/team cannot be opened: no server answers there "
        "([Errno 111] Connection refused); start the server, or correct the host and port\n"
    )


def test_a_server_that_stops_during_a_run(desk: Desk, database_server: mariadb.Server, url: str) -> None:
    program = f"""
import sys
from tests.support import toy, toy_app
from pipeline.cli import command_line
original = toy.Scaler.run
def waiting(self, io):
    print("ready", flush=True)
    input()
    original(self, io)
toy.Scaler.run = waiting
arguments = ["run", "--file={desk.file}", "--pipeline_root={desk.root}", "--metadata={url}"]
sys.exit(command_line.main(toy_app.APP, ["toy_app.py", *arguments]))
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", program], text=True, **pipes)  # type: ignore[call-overload]
    while process.stdout.readline() != "ready\n":
        pass
    database_server.stop()
    out, err = process.communicate("\n", timeout=120)
    database_server.start()
    assert process.returncode == 1, err
    assert "Traceback" not in out + err
    assert f"refit: the metadata database {url} cannot be opened: no server answers there" in err
    again = desk.json("run", f"--metadata={url}")
    assert again["status"] == "COMPLETE"
    runs = desk.json("runs", f"--metadata={url}")
    assert [run["status"] for run in runs] == ["COMPLETE", "FAILED"]
    assert not list((desk.root / ".staging").iterdir())
