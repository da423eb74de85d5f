"""Reasons to run, in cases where names, dates and versions alone would miss a change; and `explain`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import Desk
from tests.support.paths import PROJECT, SUPPORT

HELPER = "import tinylib\n\nSCALE = 1\n"


class Project:
    """A copy of the toy program in which Scaler uses a helper module and a library. Runs it in separate processes."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.library = directory / "project", directory / "site"
        support = self.directory / "tests" / "support"
        support.mkdir(parents=True)
        (self.directory / "tests" / "__init__.py").touch()
        for name in ("__init__.py", "toy.py", "toy_app.py"):
            shutil.copy(SUPPORT / name, support)
        self.toy = support / "toy.py"
        self.toy.write_text(self.toy.read_text().replace("from dataclasses", "import scaling\nfrom dataclasses"))
        self.helper = self.directory / "scaling.py"
        self.helper.write_text(HELPER)
        self.library.mkdir()
        (self.library / "tinylib.py").write_text("")
        self.install("1.0")
        (self.directory / "numbers.txt").write_text("1 2 3")

    def install(self, version: str) -> None:
        """Installs a version of the library."""
        for old in self.library.glob("*.dist-info"):
            shutil.rmtree(old)
        info = self.library / f"tinylib-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tinylib\nVersion: {version}\n")

    def __call__(self, *arguments: str) -> Any:
        """Returns the JSON of a command line."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), str(self.library)])}
        command = [sys.executable, "-m", "tests.support.toy_app", *arguments, "--json", "--pipeline_root=root"]
        done = subprocess.run(command, cwd=self.directory, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def planned(self) -> dict[str, str]:
        return {c["name"]: f"{c['status']}: {c['reason']}" for c in self("plan")["components"]}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """Returns a project and the id of its first run. Tests must restore the project."""
    project = Project(tmp_path_factory.mktemp("explain"))
    return project, project("run")["run_id"]


def edit_unseen(path: Path, old: str, new: str) -> None:
    """Edits a file without a change of its size or its modification time."""
    stat = path.stat()
    path.write_text(path.read_text().replace(old, new))
    assert path.stat().st_size == stat.st_size
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def remove_parameter(toy: Path) -> None:
    toy.write_text(toy.read_text().replace("    factor: int = 2\n", "    factor = 2\n").replace(", factor=factor", ""))


EDITS: dict[str, tuple[Callable[[Project], object], str | None]] = {
    "nothing": (lambda _: None, None),
    "a helper edited": (lambda p: p.helper.write_text(HELPER + "MORE = 1\n"), "scaling.py changed"),
    "a same-size edit with the old mtime": (lambda p: edit_unseen(p.helper, "1", "2"), "scaling.py changed"),
    "a touched but equal file": (lambda p: os.utime(p.helper), None),
    "a library upgraded": (lambda p: p.install("1.1"), "tinylib 1.0 → 1.1"),
    "a removed parameter": (lambda p: remove_parameter(p.toy), "factor 2 → unset, tests/support/toy.py changed"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_makes_a_component_run(ran: tuple[Project, str], edit: str) -> None:
    project, first = ran
    change, reason = EDITS[edit]
    toy = project.toy.read_text()
    try:
        change(project)
        planned = project.planned()["Scaler"]
    finally:
        project.helper.write_text(HELPER)
        project.install("1.0")
        project.toy.write_text(toy)
    if reason is None:
        assert planned == f"CACHED: unchanged since {first}"
    else:
        # Reader has the same helper, so the input of Scaler is not known yet.
        assert planned == f"RUN: {reason}"


def causes(explanation: dict[str, Any]) -> list[str]:
    return [cause["phrase"] for cause in explanation["causes"]]


def test_explain_follows_a_change_to_its_first_cause(desk: Desk) -> None:
    first = desk.run()
    second = desk.run("--factor=3")
    found = {c["component"]: c for c in desk.json("explain", second)["components"]}
    assert {name: (c["state"], causes(c)) for name, c in found.items()} == {
        "Reader": ("CACHED", []),
        "Plain": ("CACHED", []),
        "Scaler": ("COMPLETE", ["factor 2 → 3"]),
        "Summer": ("COMPLETE", ["Scaler's scaled changed"]),
    }
    assert found["Scaler"]["compared_with"] == first
    because = found["Summer"]["causes"][0]["because"]
    assert (because["component"], causes(because)) == ("Scaler", ["factor 2 → 3"])
    _, out, _ = desk("explain", "Summer")
    assert out.splitlines() == [
        f"run {second}",
        f"Summer ran: Scaler's scaled changed (compared with {first})",
        f"  Scaler's scaled changed: factor 2 → 3 (run {second} compared with {first})",
    ]


def test_explain_compares_with_the_nearest_execution(desk: Desk) -> None:
    desk.run("--factor=3")
    desk.run("--factor=4", "--stumble=boom", code=1)
    desk.file.write_text("7 7")
    desk.run("--factor=5")
    desk.file.write_text("1 2 3")
    last = desk.run("--factor=6")
    [scaler] = desk.json("explain", last, "Scaler")["components"]
    assert (causes(scaler), scaler["causes"][0]["old"]) == (["factor 4 → 6"], "4")


def test_explain_names_damage_and_force(desk: Desk) -> None:
    first = desk.run()
    (desk.root / "Scaler" / first / "scaled" / "numbers.txt").unlink()
    second = desk.run("--force=Plain")
    _, out, _ = desk("explain", second)
    assert sorted(out.splitlines()[1:]) == [
        "Plain ran: forced",
        f"Reader was cached: unchanged since {first}",
        f"Scaler ran: Scaler/{first}/scaled/numbers.txt is missing",
        f"Summer was cached: unchanged since {first}",
    ]
