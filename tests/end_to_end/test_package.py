"""The wheel, installed where the checkout is not: it works as the checkout does, and shares its cache."""

import json
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_paths
from typing import Any

import pytest

from tests.support.command_line import environment, run_local
from tests.support.wheel import PIP, build_wheel

pytestmark = pytest.mark.slow

RUN = ["run", "--dataset=sample", "--epochs=1", "--nopush", "--offline"]


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel, which uses the libraries of this one."""

    directory: Path

    def __call__(self, cwd: Path, *arguments: str, python_path: str | None = None, code: int = 0) -> str:
        variables = {k: v for k, v in environment(self.directory / "no-data").items() if k != "PYTHONPATH"}
        variables |= {} if python_path is None else {"PYTHONPATH": python_path}
        done = subprocess.run(
            [str(self.directory / "bin" / "refit"), *arguments],
            cwd=cwd,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def refit(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    wheel, directory = build_wheel(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("installed")
    venv.create(directory)
    [packages] = directory.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(get_paths()["purelib"])
    python = ["--python", str(directory / "bin" / "python")]
    subprocess.run([*PIP, *python, "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    return Installed(directory)


@pytest.fixture(scope="module")
def ran(refit: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which the wheel has run."""
    folder = tmp_path_factory.mktemp("empty")
    found = json.loads(refit(folder, *RUN, "--json"))
    assert {c["status"] for c in found["components"]} == {"EXECUTED"}
    assert [path.name for path in folder.iterdir()] == ["runs"]
    return folder


def statuses(run: Any) -> set[str]:
    return {component["status"] for component in run["components"]}


def test_a_checkout_takes_all_from_the_cache_of_the_wheel(refit: Installed, ran: Path) -> None:
    checkout = run_local(ran / "runs", *RUN, "--json")
    assert checkout.code == 0, checkout.err
    assert statuses(checkout.json) == {"CACHED"}
    assert statuses(json.loads(refit(ran, *RUN, "--json"))) == {"CACHED"}


def test_the_wheel_takes_all_from_the_cache_of_a_checkout(refit: Installed, tmp_path: Path) -> None:
    checkout = run_local(tmp_path / "runs", *RUN, "--json")
    assert statuses(checkout.json) == {"EXECUTED"}
    assert statuses(json.loads(refit(tmp_path, *RUN, "--json"))) == {"CACHED"}


def test_recorded_runs_work_with_the_wheel(refit: Installed, ran: Path) -> None:
    assert json.loads(refit(ran, "verify", "latest", "--json"))["equal"]
    assert "refit verify" in Path(refit(ran, "report").strip()).read_text()
    assert statuses(json.loads(refit(ran, "replay", "latest", "--json"))) == {"CACHED"}


def test_help_names_the_command(refit: Installed, tmp_path: Path) -> None:
    assert refit(tmp_path, "--help").startswith("usage: refit [COMMAND]")
    assert refit(tmp_path, "gc", "--help").startswith("usage: refit gc")
    assert list(tmp_path.iterdir()) == []


def test_doctor_needs_no_lock_file(refit: Installed, tmp_path: Path) -> None:
    checks = {c["name"]: (c["ok"], c["found"]) for c in json.loads(refit(tmp_path, "doctor", "--json"))["checks"]}
    assert checks["versions"][0]
    assert checks["versions"][1].endswith(
        "in the ranges that Refit allows; no requirements.lock, which only a checkout has"
    )
    assert checks["determinism"][0]


@pytest.mark.parametrize("python_path", [None, ""])  # an entry "." would put the working directory first
def test_folders_with_the_names_of_its_packages_do_no_harm(
    refit: Installed, tmp_path: Path, python_path: str | None
) -> None:
    for name in ("pipeline", "components", "schemas", "run_local"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not this one')")
    assert refit(tmp_path, "--version", python_path=python_path).startswith("refit ")
    refit(tmp_path, "plan", "--dataset=sample", "--offline", python_path=python_path)
