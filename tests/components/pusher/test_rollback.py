"""An earlier version is put into use again. The record says who did it, when and why."""

import getpass
import re
import shutil
import socket
from pathlib import Path

import pytest

from schemas.artifacts.serving_dir import ModelDir, served
from tests.support import toy_serving
from tests.support.desk import Desk

WHO = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, toy_serving.APP)


@pytest.fixture
def runs(desk: Desk) -> list[str]:
    """Three runs, each of which pushes a version."""
    return [desk.run(f"--content={content}") for content in ("one", "two", "three")]


def test_a_rollback_is_recorded_with_user_and_reason(desk: Desk, runs: list[str]) -> None:
    directory = ModelDir(desk.root / "serving" / "toy")
    code, out, err = desk("rollback", "--why=wheat was taken for corn")
    assert (code, out, err) == (0, f"toy: version 3 → 2, by {WHO}: wheat was taken for corn\n", "")
    assert (directory.current(), directory.numbers()) == (2, [1, 2, 3])
    assert "versions: 2 " in (directory.path / "serving.config").read_text()
    execution = desk.store.recent("Rollback", 9)[0]
    result = dict(execution.properties)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(result.pop("when")))
    assert result == {"served_as": "toy", "before": 3, "version": 2, "who": WHO, "why": "wheat was taken for corn"}
    assert (execution.type_name, execution.state, execution.run_id) == ("Rollback", "COMPLETE", "")
    read = {key: desk.store.producer(id_) for key, id_ in execution.inputs.items()}
    assert {key: maker and maker.run_id for key, maker in read.items()} == {"pushed_model": runs[1], "before": runs[2]}
    result = desk.json("rollback")  # further back
    assert (result["before"], result["version"], result["why"]) == (2, 1, "no reason given")
    assert result["path"] == str(directory.path / "1")
    assert desk.json("rollback", "toy", "--to=3")["version"] == 3  # and forward again


def test_a_run_does_not_undo_it(desk: Desk, runs: list[str]) -> None:
    desk("rollback")
    result = desk.json("run", "--content=three")
    assert (result["pushed"], result["in_use"]) == (3, 2)
    assert result["components"][1]["status"] == "CACHED"
    shutil.rmtree(desk.root / "serving" / "toy" / "3")  # whoever is rid of it stays rid of it
    assert desk.json("run", "--content=three")["in_use"] == 2
    assert desk.json("run", "--content=four")["pushed"] == 4


def test_gc_frees_versions_that_are_not_in_use_of_runs_that_it_forgets(desk: Desk, runs: list[str]) -> None:
    directory = ModelDir(desk.root / "serving" / "toy")
    desk("rollback", "--to=1")
    size = sum(path.stat().st_size for path in (directory.path / "2").rglob("*") if path.is_file())
    assert desk.json("gc", "--keep=1", "--dry_run")["freed"]["versions"] == size
    assert directory.numbers() == [1, 2, 3]
    assert desk.json("gc", "--keep=1")["freed"]["versions"] == size
    assert (directory.current(), directory.numbers()) == (1, [1, 3])  # 1 is in use, 3 is of the last run
    assert desk.json("gc", "--keep=1")["freed"]["versions"] == 0
    missing = f"version 2 of toy is missing in {directory.path}, pushed by run {runs[1]}"
    assert desk("rollback", "--to=2")[::2] == (2, f"refit: {missing}; complete versions: 1, 3\n")
    assert desk.json("run", "--content=two")["pushed"] == 4


def test_gc_leaves_a_serving_folder_outside_of_the_root_alone(desk: Desk, tmp_path: Path) -> None:
    for content in ("one", "two"):
        desk.run(f"--content={content}", f"--serving_dir={tmp_path / 'shared'}")
    assert desk.json("gc", "--keep=1")["freed"]["versions"] == 0
    assert ModelDir(tmp_path / "shared" / "toy").numbers() == [1, 2]


def test_runs_show_the_version_in_use(desk: Desk, runs: list[str]) -> None:
    marks = {run["run_id"]: run["mark"] for run in desk.json("runs")}
    assert marks == {runs[0]: None, runs[1]: None, runs[2]: "in use: toy version 3"}
    desk("rollback", "--why=why not")
    assert desk("runs")[1].splitlines()[-1].startswith(f"{runs[1]}: in use: toy version 2, instead of 3 since ")
    shown = desk("runs", "show", runs[1])[1].splitlines()[1]
    assert re.fullmatch(rf"in use: toy version 2, instead of 3 since \S+Z by {re.escape(WHO)}: why not", shown)
    assert "in use" not in desk("runs", "show", runs[2])[1]
    desk.run("--content=other", "--name=other")
    assert [run["mark"] is not None for run in desk.json("runs")] == [True, False, True, False]
    shutil.rmtree(desk.root / "serving" / "toy" / "2")
    assert desk.json("runs", "show", runs[1])["mark"] == (
        f"in use: toy version 2, but version 2 of toy is missing in {desk.root}/serving/toy; run the pipeline again, "
        f"or `rollback` to another version"
    )
    assert desk.json("rollback", "toy", "--to=1")["version"] == 1


def test_lineage_of_a_version_shows_its_rollbacks(desk: Desk, runs: list[str]) -> None:
    desk("rollback")
    _, out, _ = desk("runs", "lineage", f"Pusher/{runs[1]}/pushed_model")
    made = [f"Maker/{runs[1]}/{key}" for key in ("model", "blessing", "infra_blessing")]
    assert out.splitlines()[1:] == [
        "",
        "upstream:",
        f"  Pusher (run {runs[1]}): {', '.join(made)} → Pusher/{runs[1]}/pushed_model",
        f"  Maker (run {runs[1]}): data outside the pipeline → {', '.join(made)}",
        "",
        "downstream:",
        f"  Rollback: Pusher/{runs[1]}/pushed_model, Pusher/{runs[2]}/pushed_model",
    ]


def test_served_lists_the_versions_in_use(desk: Desk, runs: list[str]) -> None:
    desk("rollback", "--to=1")
    found = served(desk.root / "serving")["toy"]
    assert (found.version, found.path, found.unusable) == (1, desk.root / "serving" / "toy" / "1", None)
    assert found.about
    assert (found.about.run_id, found.about.weights_sha256) == (runs[0], "one")
    (desk.root / "serving" / "theirs" / "1").mkdir(parents=True)
    (desk.root / "serving" / "toy" / "CURRENT").unlink()
    both = served(desk.root / "serving")
    assert list(both) == ["toy"]
    assert (both["toy"].version, both["toy"].about) == (None, None)
    assert both["toy"].unusable == f"{desk.root}/serving/toy/CURRENT is missing"
    assert served(desk.root / "nowhere") == {}


COMPLETE = "complete versions: 1, 2, 3"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to=3"], f"version 3 of toy is already in use; {COMPLETE}"),
        (["--to=9"], f"toy has no version 9; {COMPLETE}"),
        (["--to=two"], "rollback --to must be the number of one version, got 'two'"),
        (["--to=1,2"], "rollback --to must be the number of one version, got '1,2'"),
        (["toi"], "{root}/serving has no model 'toi'; did you mean 'toy'?"),
        (["toy", "1"], "`rollback [MODEL]` is expected, got `rollback toy 1`; flags begin with --"),
        (["--serving_dir={root}/none"], "no model has been pushed to {root}/none; name another --serving_dir, or run "
         "the pipeline first"),
        (["--pipeline_root={root}/none"], "there are no runs in {root}/none; name another --pipeline_root, or run the "
         "pipeline first"),
    ],
)  # fmt: skip
def test_wrong_usage_is_refused(desk: Desk, runs: list[str], arguments: list[str], message: str) -> None:
    code, _, err = desk("rollback", *(argument.format(root=desk.root) for argument in arguments))
    assert (code, err) == (2, f"refit: {message.format(root=desk.root)}\n")
    assert ModelDir(desk.root / "serving" / "toy").current() == 3


def test_versions_that_cannot_be_rolled_back_to(desk: Desk, runs: list[str]) -> None:
    directory = ModelDir(desk.root / "serving" / "toy")
    desk("rollback", "--to=1")
    code, _, err = desk("rollback")
    assert (code, err) == (
        2,
        f"refit: toy has no version before 1 to roll back to; choose a version with --to ({COMPLETE})\n",
    )
    shutil.rmtree(directory.path / "2")
    code, _, err = desk("rollback", "--to=2")
    assert (code, err) == (2, f"refit: version 2 of toy is missing in {directory.path}, pushed by run {runs[1]}; "
                              f"complete versions: 1, 3\n")  # fmt: skip
    (directory.path / "3" / "saved_model.pb").write_text("hacked")
    code, _, err = desk("rollback", "--to=3")
    assert (code, err) == (2, f"refit: {directory.path}/3/saved_model.pb has been changed, pushed by run {runs[2]}; "
                              f"complete versions: 1\n")  # fmt: skip
    (directory.path / "7").mkdir()
    code, _, err = desk("rollback", "--to=7")
    assert (code, err) == (2, f"refit: version 7 of toy in {directory.path} was not pushed by Refit; complete "
                              f"versions: 1\n")  # fmt: skip
    (directory.path / "CURRENT").unlink()
    code, _, err = desk("rollback")
    assert (code, err) == (2, "refit: no version of toy is in use; choose a version with --to (complete versions: 1)\n")
    assert desk.json("rollback", "--to=1")["before"] == 0
    assert len(desk.store.recent("Rollback", 9)) == 2


def test_two_models_and_a_record_that_is_gone(desk: Desk, runs: list[str], tmp_path: Path) -> None:
    desk.run("--content=four", "--name=other")
    code, _, err = desk("rollback")
    assert (code, err) == (2, f"refit: {desk.root}/serving has several models: other, toy; name the model to roll "
                              f"back: `rollback other`\n")  # fmt: skip
    other = ["--name=toy", f"--serving_dir={desk.root}/serving", f"--pipeline_root={tmp_path}/other"]
    desk.run("--content=five", *other)
    result = desk.json("rollback", "toy", "--to=1", *other[1:])  # a version that another root recorded
    assert (result["before"], result["version"]) == (4, 1)
