"""Pipeline roots of every kind: read-only, of another user, shared, moved, full, and with unusual names."""

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import run_local
from components.shared.plain_path import plain_path
from pipeline.cli import command_line
from schemas.artifacts.serving_dir import ModelDir
from tests.support import toy_serving
from tests.support.desk import Desk
from tests.support.paths import SUPPORT, TOY_APP
from tests.support.places import USERS, as_user, full_after, read_only, snapshot
from tests.support.wholeness import assert_whole

SLOW = pytest.mark.slow
READING = [("runs",), ("runs", "show", "latest"), ("runs", "diff", "latest", "latest"), ("explain",), ("plan",),
           ("plan", "--factor=9"), ("gc", "--keep=1", "--dry_run"), ("count",),
           pytest.param(("verify", "latest"), marks=SLOW)]  # fmt: skip


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter. Those of pytest are for its user alone."""
    with tempfile.TemporaryDirectory(prefix="refit-test-", dir="/tmp") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `numbers.txt`, and a root that this process has not opened."""
    directory = tmp_path_factory.mktemp("recorded")
    (directory / "numbers.txt").write_text("1 2 3")
    command = [sys.executable, str(TOY_APP), "run", f"--file={directory / 'numbers.txt'}"]
    subprocess.run([*command, f"--pipeline_root={directory / 'root'}"], capture_output=True, check=True)
    return directory


def at(desk: Desk, directory: Path) -> Desk:
    desk.root, desk.file = directory / "root", directory / "numbers.txt"
    return desk


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_writes_nothing(desk: Desk, recorded: Path, command: tuple[str, ...]) -> None:
    before = snapshot(recorded / "root")
    code, _, err = at(desk, recorded)(*command)
    after = snapshot(recorded / "root")
    if command[0] == "verify":  # which has its scratch folder there for a time
        after |= {name: before[name] for name in (".staging", ".locks/staging.lock")}
    assert (code, after) == (0, before), err


@pytest.mark.parametrize("command", READING)
def test_a_read_only_mount_can_be_read(desk: Desk, recorded: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    with read_only(recorded, tmp_path / "mount") as mount:
        code, _, err = at(desk, mount)(*command)
        assert code == 0, err
        assert desk("run")[0] == 2
        assert "cannot be written: Read-only file system; choose another one" in desk("run")[2]


WRITING = [("run",), ("gc", "--keep=1"), ("replay", "latest"), ("rollback", "--to=1")]
SERVING_APP = SUPPORT / "toy_serving.py"


def script(command: tuple[str, ...]) -> str:
    return str(SERVING_APP if command[0] == "rollback" else TOY_APP)


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_says_what_to_do_about_a_read_only_mount(
    desk: Desk, recorded: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with read_only(recorded, tmp_path / "mount") as mount:
        desk.app = toy_serving.APP if command[0] == "rollback" else desk.app
        code, out, err = at(desk, mount)(*command)
        assert (code, out, err) == (
            2, "", f"refit: the pipeline root {mount / 'root'} cannot be written: Read-only file system; choose "
            "another one with --pipeline_root, or make the disk writable\n"
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("shared", [False, True], ids=["closed", "shared but for one file"])
@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_says_what_to_do_about_the_root_of_another_user(
    recorded: Path, open_folder: Path, command: tuple[str, ...], shared: bool
) -> None:
    shutil.copytree(recorded, open_folder / "copy")
    (open_folder / "copy").chmod(0o755)
    root, place = open_folder / "copy" / "root", open_folder / "copy" / "root"
    if shared:
        for path in [root, *root.rglob("*")]:
            path.chmod(0o777)
        place = root / ".metadata.sqlite.lock"
        place.chmod(0o644)
    more = [f"--file={open_folder / 'copy' / 'numbers.txt'}"] if command[0] == "run" else []
    done = as_user(USERS[0], [script(command), *command, *more, f"--pipeline_root={root}"], open_folder)
    named = f"{place} in the pipeline root" if shared else f"the pipeline root {root}"
    assert (done.returncode, done.stdout, done.stderr) == (
        2, "", f"refit: {named} cannot be written: Permission denied; choose another one with --pipeline_root, run the "
        "command as its owner, or let its group write (chmod -R g+w)\n"
    )  # fmt: skip


@pytest.mark.parametrize("command", [("runs",), *(pytest.param(c, marks=SLOW) for c in (("explain",), ("plan",)))])
def test_the_root_of_another_user_can_be_read(recorded: Path, open_folder: Path, command: tuple[str, ...]) -> None:
    shutil.copytree(recorded, open_folder / "copy")
    (open_folder / "copy").chmod(0o755)
    root, file = open_folder / "copy" / "root", f"--file={open_folder / 'copy' / 'numbers.txt'}"
    more = [f"--pipeline_root={root}", *([file] if command[0] == "plan" else [])]
    before = snapshot(root)
    done = as_user(USERS[0], [str(TOY_APP), *command, *more], open_folder)
    assert (done.returncode, snapshot(root)) == (0, before), done.stderr
    refused = as_user(USERS[0], [str(TOY_APP), "run", f"--pipeline_root={root}", file], open_folder)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "cannot be written: Permission denied" in refused.stderr


def test_everything_gets_the_permissions_of_the_umask(desk: Desk) -> None:
    before = os.umask(0o002)
    try:
        desk.run()
    finally:
        os.umask(before)
    closed = [path for path in desk.root.rglob("*") if not path.stat().st_mode & stat.S_IWGRP]
    assert closed == []


@pytest.mark.slow
def test_two_users_of_a_group_run_in_one_root(open_folder: Path) -> None:
    (open_folder / "numbers.txt").write_text("1 2 3")
    (open_folder / "numbers.txt").chmod(0o644)
    command = [str(TOY_APP), "run", "--json", f"--pipeline_root={open_folder / 'root'}"]
    command.append(f"--file={open_folder / 'numbers.txt'}")
    first = as_user(USERS[0], command, open_folder)
    assert first.returncode == 0, first.stderr
    second = as_user(USERS[1], [*command, "--factor=3"], open_folder)
    assert second.returncode == 0, second.stderr
    statuses = {c["name"]: c["status"] for c in json.loads(second.stdout)["components"]}
    assert statuses == {"Reader": "CACHED", "Plain": "CACHED", "Scaler": "EXECUTED", "Summer": "EXECUTED"}
    third = as_user(USERS[0], [str(TOY_APP), "gc", "--keep=1", f"--pipeline_root={open_folder / 'root'}"], open_folder)
    assert third.returncode == 0, third.stderr
    assert_whole(open_folder / "root")


@pytest.mark.slow
def test_a_user_of_the_group_collects_garbage_and_rolls_back_in_the_root_of_another(open_folder: Path) -> None:
    root = open_folder / "root"
    command = [str(SERVING_APP), "run", "--json", f"--pipeline_root={root}"]
    for more in ("--content=first", "--content=second", "--content=third"):
        ran = as_user(USERS[0], [*command, more], open_folder)
        assert ran.returncode == 0, ran.stderr
    back = as_user(USERS[1], [str(SERVING_APP), "rollback", "--to=2", f"--pipeline_root={root}"], open_folder)
    assert (back.returncode, ModelDir(root / "serving" / "toy").current()) == (0, 2), back.stderr
    freed = as_user(USERS[1], [str(SERVING_APP), "gc", "--keep=1", "--json", f"--pipeline_root={root}"], open_folder)
    assert freed.returncode == 0, freed.stderr
    assert json.loads(freed.stdout)["collected"]
    assert_whole(root)
    again = as_user(USERS[0], [*command, "--content=fourth"], open_folder)
    assert (again.returncode, json.loads(again.stdout)["in_use"]) == (0, 4), again.stderr


def test_a_copied_root_serves_itself_after_the_next_command_and_keeps_the_version_in_use(tmp_path: Path,
        capfd: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    desk = Desk(tmp_path, capfd.readouterr, toy_serving.APP)
    desk.run("--content=before")
    desk.run()
    assert desk("rollback")[0] == 0
    shutil.copytree(desk.root, tmp_path / "copy")
    original = (desk.root / "serving" / "toy" / "serving.config").read_text()
    copy = ModelDir(tmp_path / "copy" / "serving" / "toy")
    assert copy.misplaced() == (
        f"{copy.path / 'serving.config'} names {desk.root / 'serving' / 'toy'}, because this folder was moved or copied"
    )
    found = desk.json("run", f"--pipeline_root={tmp_path / 'copy'}")
    statuses = {c["name"]: c["status"] for c in found["components"]}
    assert (statuses, found["in_use"]) == ({"Maker": "CACHED", "Pusher": "CACHED"}, 1)
    assert f'base_path: "{copy.path}"' in (copy.path / "serving.config").read_text()
    assert (copy.misplaced(), copy.current()) == (None, 1)
    assert (desk.root / "serving" / "toy" / "serving.config").read_text() == original


def test_no_file_of_a_root_names_the_root(desk: Desk) -> None:
    """Except for logs and reports, which say what was, and `serving.config`, which is written again."""
    desk.run()
    named = [
        path.relative_to(desk.root).as_posix()
        for path in desk.root.rglob("*")
        if path.is_file() and path.name != "clock.txt" and bytes(desk.root) in path.read_bytes()
    ]
    assert [name for name in named if not name.startswith(("logs/", "reports/"))] == []


@pytest.mark.parametrize("name", ["[br]*?", "with space", "文", "a'b\"c", "-x", "a\nb", "{SPAN}%s"])
def test_a_root_may_have_any_name(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.root = tmp_path / name / "root"
    desk.run()
    assert {c["status"] for c in desk.json("run")["components"]} == {"CACHED"}
    assert desk("gc", "--keep=1")[0] == 0
    assert len(desk.json("runs")) == 2


def test_tensorflow_gets_a_path_without_wildcards(tmp_path: Path) -> None:
    for name in ("[br]*?", "plain"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
        with plain_path(tmp_path / name) as plain:
            assert (plain / "file").read_text() == name
            assert not set("[*?") & set(str(plain))
    assert plain == tmp_path / "plain"


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ("/tmp/" + "/".join(["a" * 200] * 18), "has a path of 3,622 bytes, and at most 480 work; choose another one"),
        ("/tmp/" + "b" * 256, "has a name of more than 255 bytes in it"),
        ("/tmp/\udcff\udcfe", r"the pipeline root '/tmp/\udcff\udcfe' is not UTF-8; choose a directory with another"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plan", "runs"])
def test_a_root_that_cannot_work_is_one_clear_error(desk: Desk, root: str, message: str, command: str) -> None:
    code, out, err = desk(command, f"--pipeline_root={root}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


@pytest.mark.parametrize("execute", [False, pytest.param(True, marks=SLOW)])
def test_the_resume_line_works_from_any_directory(
    desk: Desk, tmp_path: Path, execute: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stumble = "it's \\ \x1b[1m" if execute else "it's \\ "
    desk.file = Path("numbers.txt")
    _, out, _ = desk("run", "--pipeline_root=root", f"--stumble={stumble}")
    [line] = [line.removeprefix("resume: ") for line in out.splitlines() if line.startswith("resume: ")]
    words = line.split(" ") if execute else shlex.split(line)
    assert words[0] == sys.executable
    assert {f"--pipeline_root={tmp_path / 'root'}", f"--file={tmp_path / 'numbers.txt'}"} <= set(words)
    assert Path(words[1]).is_absolute()
    if execute:
        line = line.replace(words[1], str(TOY_APP), 1)
        done = subprocess.run(["bash", "-c", line], cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "Reader     CACHED" in done.stdout
        assert r"Summer failed: ValueError: it's \ \x1b[1m" in done.stdout


@pytest.mark.parametrize("written", ["--{}={}", "--{} {}", "-{} {}", "-{}={}"])
def test_the_resume_line_has_absolute_paths_however_flags_are_written(
    desk: Desk, tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [word for pair in (("file", "numbers.txt"), ("pipeline_root", "root"), ("stumble", "no"))
             for word in written.format(*pair).split(" ")]  # fmt: skip
    call = command_line.parse(desk.app, ["toy_app.py", "run", "--keep_good", *given])[1]
    [line] = [written.format("file", tmp_path / "numbers.txt")]
    assert call.again.split(" ", 2)[2] == " ".join(
        [
            "run",
            "--keep_good",
            line,
            written.format("pipeline_root", tmp_path / "root"),
            written.format("stumble", "no"),
        ]
    )


@pytest.mark.parametrize(
    ("given", "absolute"),
    [
        (["--labels=@names.txt"], ["--labels=@{here}/names.txt"]),
        (["--labels", "@a b/names.txt"], ["--labels", "'@{here}/a b/names.txt'"]),
        (["-labels=@./names.txt"], ["-labels=@{here}/names.txt"]),
        (["--labels=@/else/where.txt"], ["--labels=@/else/where.txt"]),
        (["--labels=@~/names.txt"], ["'--labels=@~/names.txt'"]),
        (["--labels=good,@bad"], ["--labels=good,@bad"]),
        (["--label_column=@x", "--source=*.csv"], ["--label_column=@x", "'--source={here}/*.csv'"]),
    ],
)
def test_the_resume_line_has_the_absolute_path_of_a_file_of_labels(
    given: list[str], absolute: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b").mkdir()
    for name in ("names.txt", "a b/names.txt"):
        (tmp_path / name).write_text("good\nbad\n")
    call = command_line.parse(run_local.APP, ["run_local.py", "run", *given])[1]
    words = [word.format(here=tmp_path) for word in absolute]
    assert call.again.split(" ", 2)[2] == " ".join(["run", *words, f"--pipeline_root={tmp_path / 'runs'}"])


@pytest.mark.slow
@pytest.mark.parametrize("size", ["100k", "300k", "800k", "1500k"])
def test_a_full_disk_is_one_message_with_path_and_free_bytes(recorded: Path, tmp_path: Path, size: str) -> None:
    file = f"--file={recorded / 'numbers.txt'}"
    with full_after(size, tmp_path / "disk") as disk:
        command = [sys.executable, str(TOY_APP), "run", "--quiet", f"--pipeline_root={disk / 'root'}", file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert f"no space left on the disk of {disk / 'root'} (" in said
        assert " bytes free); free some space, or choose another --pipeline_root" in said
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stderr
        assert_whole(disk / "root")
