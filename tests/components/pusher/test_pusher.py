"""What is pushed, what is not, and how changes in the serving folder are noticed."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.pusher import publish
from pipeline.core.artifact import sha256_file
from schemas.artifacts.model import Model
from schemas.artifacts.serving_dir import ModelDir
from tests.support import toy_serving
from tests.support.desk import Desk
from tests.support.wholeness import assert_whole


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, toy_serving.APP)


def toy(desk: Desk) -> ModelDir:
    return ModelDir(desk.root / "serving" / "toy")


def pusher(result: dict[str, Any]) -> str:
    component = next(c for c in result["components"] if c["name"] == "Pusher")
    return f"{component['status']}: {component['reason']}"


def test_a_version_is_complete_and_describes_itself(desk: Desk) -> None:
    result = desk.json("run")
    directory = toy(desk)
    assert (result["pushed"], result["in_use"], directory.current(), directory.numbers()) == (1, 1, 1, [1])
    assert result["push_reason"] == f"version 1, {directory.path / '1'} (in use)"
    model = Path(result["model"]["uri"])
    files = {
        p.relative_to(model / Model.SERVING).as_posix(): sha256_file(p) for p in model.glob(f"{Model.SERVING}/**/*.*")
    }
    assert set(files) == {"saved_model.pb", "variables/variables.index"}
    about = json.loads((directory.path / "1" / "version.json").read_text())
    digest = next(c for c in result["components"] if c["name"] == "Maker")["outputs"]["model"]["digest"]
    graph = about.pop("graph_sha256")
    assert (len(graph), about.pop("source"), about.pop("settings")) == (64, "", {})
    assert about == {"model": "toy", "version": 1, "model_digest": digest, "weights_sha256": "first",
                     "labels": ["no", "yes"], "answers_from": 0.0, "span": None, "data_sha256": "",
                     "run_id": result["run_id"], "files": files}  # fmt: skip
    assert (directory.path / "1" / "variables" / "variables.index").read_text() == "first"
    assert (directory.path / "CURRENT").read_text() == "1\n"
    config = (directory.path / "serving.config").read_text()
    assert f'base_path: "{directory.path}"' in config
    assert "model_version_policy { specific { versions: 1 } }" in config
    assert {path.name for path in directory.path.iterdir()} == {"1", "CURRENT", "serving.config", ".lock"}
    assert_whole(desk.root)


def test_versions_rise_and_an_unchanged_run_is_cached(desk: Desk) -> None:
    first = desk.run()
    assert desk.json("run", "--content=second")["pushed"] == 2
    result = desk.json("run", "--content=second")
    assert pusher(result).startswith("CACHED")
    assert (result["pushed"], result["in_use"], toy(desk).numbers()) == (2, 2, [1, 2])
    back = desk.json("run")  # the first model, cached: what is newer stays in use
    assert pusher(back) == f"CACHED: unchanged since {first}"
    assert (back["pushed"], back["in_use"]) == (1, 2)
    assert back["push_reason"] == f"version 1, {toy(desk).path / '1'} (version 2 is in use)"


@pytest.mark.parametrize(
    ("refused_by", "reason"),
    [
        ("model", "nothing: the model is not blessed"),
        ("infra", "nothing: the model is not infra-blessed: it cannot be loaded"),
    ],
)
def test_a_model_that_is_not_blessed_is_not_pushed(desk: Desk, refused_by: str, reason: str) -> None:
    desk.run("--content=second")
    for _ in range(2):  # executed, then cached
        code, out, _ = desk("run", f"--refused_by={refused_by}")
        assert code == 0
        assert f"pushed: {reason}" in out
    result = desk.json("run", f"--refused_by={refused_by}")
    assert (result["status"], result["pushed"], result["push_reason"]) == ("COMPLETE", None, reason)
    assert (toy(desk).numbers(), toy(desk).current()) == ([1], 1)


def test_the_same_model_is_not_pushed_twice(desk: Desk) -> None:
    desk.run()
    result = desk.json("run", "--force=Pusher")
    assert (result["pushed"], result["in_use"], toy(desk).numbers()) == (1, 1, [1])
    desk.run("--content=second")
    _, out, _ = desk("run", "--force=Pusher")  # of the first model
    assert "toy: the same model is version 1 already; version 2 stays in use (`rollback --to=1` takes this one)" in out
    assert (toy(desk).numbers(), toy(desk).current()) == ([1, 2], 2)


def gone(directory: ModelDir) -> None:
    shutil.rmtree(directory.path / "2")


def all_gone(directory: ModelDir) -> None:
    shutil.rmtree(directory.path.parent)


def no_alias(directory: ModelDir) -> None:
    (directory.path / "CURRENT").unlink()


def bad_alias(directory: ModelDir) -> None:
    (directory.path / "CURRENT").write_text("the best one\n")


def half_gone(directory: ModelDir) -> None:
    (directory.path / "2" / "variables" / "variables.index").unlink()


def changed(directory: ModelDir) -> None:
    (directory.path / "2" / "saved_model.pb").write_text("hacked")


def old_gone(directory: ModelDir) -> None:
    shutil.rmtree(directory.path / "1")


@pytest.mark.parametrize(
    ("harm", "reason", "version"),
    [
        (gone, "EXECUTED: version 2 of toy is missing in {path}", 3),
        (all_gone, "EXECUTED: {path}/CURRENT is missing", 3),
        (no_alias, "EXECUTED: {path}/CURRENT is missing", 2),
        (bad_alias, "EXECUTED: {path}/CURRENT names no version", 2),
        (half_gone, "EXECUTED: variables/variables.index of version 2 of toy is missing in {path}/2", 3),
        (changed, "EXECUTED: {path}/2/saved_model.pb has been changed", 3),
        (old_gone, "CACHED: unchanged since {run}", 2),
    ],
)
def test_manual_damage_is_reported_and_repaired(
    desk: Desk, harm: Callable[[ModelDir], None], reason: str, version: int
) -> None:
    desk.run()
    run = desk.run("--content=second")
    directory = toy(desk)
    harm(directory)
    planned = desk.json("plan", "--content=second")["components"][1]
    result = desk.json("run", "--content=second")
    assert pusher(result) == reason.format(path=directory.path, run=run)
    assert planned["reason"] == reason.format(path=directory.path, run=run).partition(": ")[2]
    assert (result["pushed"], directory.current(), directory.unusable()) == (version, version, None)
    assert pusher(desk.json("run", "--content=second")).startswith("CACHED")
    assert_whole(desk.root)


def test_files_of_others_are_not_changed(desk: Desk) -> None:
    directory = toy(desk)
    (directory.path / "7").mkdir(parents=True)
    (directory.path / "7" / "saved_model.pb").write_text("theirs")
    (directory.path / "notes").mkdir()
    (directory.path / "9").write_text("a file")
    _, out, _ = desk("run")
    assert f"{directory.path} also contains 7, 9, notes, which Refit did not push and never overwrites" in out
    assert (directory.numbers(), directory.current(), list(directory.versions())) == ([7, 9, 10], 10, [10])
    assert (directory.path / "7" / "saved_model.pb").read_text() == "theirs"
    shutil.copytree(directory.path / "10", directory.path / "11")  # a copy by hand is no version of ours
    assert list(directory.versions()) == [10]


def test_another_serving_folder_gets_the_model_too(desk: Desk, tmp_path: Path) -> None:
    desk.run()
    elsewhere = tmp_path / "elsewhere"
    result = desk.json("run", f"--serving_dir={elsewhere}")
    assert pusher(result) == f"EXECUTED: serving_dir 'serving' → '{elsewhere}'"
    assert (result["pushed"], ModelDir(elsewhere / "toy").current()) == (2, 2)
    assert pusher(desk.json("run")).startswith("CACHED")


def test_a_moved_root_still_works(desk: Desk, tmp_path: Path) -> None:
    desk.run()
    desk.root.rename(tmp_path / "moved")
    result = desk.json("run", f"--pipeline_root={tmp_path / 'moved'}")
    assert pusher(result).startswith("CACHED")
    assert result["in_use"] == 1


def test_two_names_do_not_mix(desk: Desk) -> None:
    desk.run()
    assert desk.json("run", "--name=other", "--content=second")["pushed"] == 1
    assert desk.json("run", "--content=third")["pushed"] == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--serving_dir={file}"], "--serving_dir: {file} is a file; name a directory"),
        (["--serving_dir={file}/deeper"], "--serving_dir: {file} is a file; name a directory"),
        (["--serving_dir={closed}/x"], "--serving_dir: {closed} is not writable; change its permissions or name "
         "another directory"),
        (["--name=7"], "a model cannot be served as '7'; use letters, digits, - and _, a letter first"),
        (["--name=../up"], "a model cannot be served as '../up'; use letters, digits, - and _, a letter first"),
    ],
)  # fmt: skip
def test_wrong_usage_is_reported_before_the_run(
    desk: Desk, flags: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != closed)  # root may write everywhere
    known = {"file": desk.file, "closed": closed}
    code, _, err = desk("run", *(flag.format(**known) for flag in flags))
    assert (code, err) == (2, f"refit: {message.format(**known)}\n")
    assert not desk.root.exists()


@pytest.mark.parametrize(("name", "number"), [("_publish", errno.ENOSPC), ("_use", errno.EACCES), ("fsync", errno.EIO)])
def test_a_folder_that_becomes_unwritable(desk: Desk, name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.run()
    directory = toy(desk)

    def failing(*_: Any) -> None:
        raise OSError(number, os.strerror(number), str(directory.path / "x"))

    with monkeypatch.context() as patch:
        patch.setattr(publish, name, failing)
        result = desk.json("run", "--content=second", code=1)
    assert result["error"]["message"] == (
        f"cannot write {directory.path / 'x'}: {os.strerror(number)}; the version in use in {directory.path} is "
        "unchanged; make the folder writable, or name another --serving_dir"
    )
    assert (directory.current(), directory.unusable()) == (1, None)
    result = desk.json("run", "--content=second")
    assert (result["pushed"], directory.numbers(), directory.current()) == (2, [1, 2], 2)
    assert_whole(desk.root)


def test_a_file_in_place_of_the_model_folder(desk: Desk) -> None:
    (desk.root / "serving").mkdir(parents=True)
    toy(desk).path.write_text("")
    result = desk.json("run", code=1)
    assert result["error"]["message"].startswith(f"cannot write {toy(desk).path}: ")


def test_verify_pushes_nothing_to_the_serving_folder(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    run = desk.run("--content=second", f"--serving_dir={elsewhere}")
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")}
    result = desk.json("verify", run)
    assert result["equal"], result
    assert "Pusher.pushed_model" in result["artifacts"]
    assert {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")} == before
    assert not (desk.root / "serving").exists()
    code, _, err = desk("verify", run, f"--serving_dir={elsewhere}")
    assert code == 2
    assert "so --serving_dir cannot be given" in err


def test_replay_pushes_to_where_the_run_did(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    run = desk.run(f"--serving_dir={elsewhere}")
    assert pusher(desk.json("replay", run)) == f"CACHED: unchanged since {run}"
    result = desk.json("replay", run, f"--serving_dir={tmp_path / 'third'}")
    assert result["push_reason"] == f"version 2, {tmp_path}/third/toy/2 (in use)"


def test_gc_keeps_models_with_every_blessing(desk: Desk) -> None:
    runs = [desk.run(), desk.run("--content=second", "--refused_by=infra"), desk.run("--content=third")]
    result = desk.json("gc", "--keep=1", "--keep_blessed")
    assert {one["run_id"] for one in result["collected"]} == {runs[1]}
    assert toy(desk).unusable() is None
    assert pusher(desk.json("run")).startswith("CACHED")


def test_gc_keeps_the_model_in_use(desk: Desk) -> None:
    """After a rollback, that is the one rolled back to, however old its run is."""
    runs = [desk.run(), desk.run("--content=second"), desk.run("--content=third"), desk.run("--content=fourth")]
    desk("rollback", "--to=1")
    result = desk.json("gc", "--keep=1")
    assert {one["run_id"] for one in result["collected"]} == {runs[1], runs[2]}
    assert pusher(desk.json("run")).startswith("CACHED")


@pytest.mark.parametrize(
    ("flags", "held"),
    [
        (("--labels=no,yes,maybe",), "label maybe is new: version 1, which is in use, does not have it"),
        (("--labels=yes,no",), "the labels have another order than in version 1"),
        (("--labels=no,never",), "label yes of version 1, which is in use, vanished; --allow_lost_labels pushes it"),
        (("--push=better",), "it was not compared with version 1, which is in use"),
    ],
)
def test_a_model_that_is_held_back(desk: Desk, flags: tuple[str, ...], held: str) -> None:
    desk.run()
    for _ in range(2):  # executed, then cached
        result = desk.json("run", "--content=second", *flags)
        assert held in result["push_reason"]
        assert (toy(desk).numbers(), toy(desk).current()) == ([1], 1)
    assert pusher(result).startswith("CACHED")
    shutil.rmtree(toy(desk).path)  # nothing is in use now, so it is decided again
    again = desk.json("run", "--content=second", *flags)
    assert (pusher(again), again["pushed"]) == ("EXECUTED: no version is in use now, not 1", 2)


def test_labels_that_are_allowed_are_pushed(desk: Desk) -> None:
    desk.run()
    allowed = ("--allow_new_labels", "--allow_lost_labels")
    assert desk.json("run", "--content=second", "--labels=no,never", *allowed)["pushed"] == 2


def test_two_processes_at_once_on_one_folder(desk: Desk, tmp_path: Path) -> None:
    command = [sys.executable, toy_serving.__file__, "run", "--json", f"--serving_dir={tmp_path / 'both'}"]
    roots = [f"--pipeline_root={tmp_path / name}" for name in ("one", "other")]
    contents = ["--content=same", "--content=same", "--content=a", "--content=b"]
    processes = [
        subprocess.Popen([*command, roots[number % 2], content], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for number, content in enumerate(contents)
    ]
    result = [(process.communicate(), process.returncode) for process in processes]
    assert [code for _, code in result] == [0] * 4, result
    pushed = [json.loads(out)["pushed"] for (out, _), _ in result]
    directory = ModelDir(tmp_path / "both" / "toy")
    assert pushed[0] == pushed[1]  # the same model from two pipeline roots
    assert sorted(pushed[1:]) == directory.numbers() == [1, 2, 3]
    assert directory.unusable() is None
    assert [directory.damage(number) for number in directory.numbers()] == [None] * 3
