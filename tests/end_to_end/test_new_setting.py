"""A new setting of the trainer is one line: flag, help, check, cache key, record and reference follow from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

NEW = '    word_dropout: float = setting(0.0, help="fraction of units left out of a step", minimum=0, below=1)\n'

SAMPLE = ("--dataset=sample", "--offline", "--epochs=1")


class Copy:
    """A copy of the project in which one line was added."""

    def __init__(self, directory: Path) -> None:
        self.path, self.root = directory / "project", directory / "root"
        for name in ("pipeline", "schemas", "components"):
            shutil.copytree(PROJECT / name, self.path / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PROJECT / "run_local.py", self.path)
        shutil.copytree(PROJECT / "tests" / "support", self.path / "tests" / "support")
        settings = self.path / "components" / "trainer" / "settings.py"
        before, after = settings.read_text().split("    learning_rate: float", 1)
        settings.write_text(f"{before}{NEW}    learning_rate: float{after}")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # PYTHONPATH would name the project itself.
        environment = {**os.environ, "PYTHONPATH": str(self.path), "COLUMNS": "120"}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True, check=False)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What a command line of the copy prints on stdout, or on stderr if it fails."""
        done = self.python("run_local.py", *arguments, f"--pipeline_root={self.root}")
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("new"))


def test_the_help_and_the_reference_have_it(copy: Copy) -> None:
    lines = [" ".join(line.split()) for line in copy("--help").splitlines()]
    assert "--word_dropout=X fraction of units left out of a step [0.0]" in lines
    written = copy.python("-c", "from tests.support.flags_reference import reference; print(reference())")
    assert "| `--word_dropout=X` | 0.0 | fraction of units left out of a step |" in written.stdout.splitlines()


@pytest.mark.parametrize("value", ["2", "1", "-0.1", "nan"])
def test_a_value_out_of_its_range_is_refused_before_anything_is_created(value: str, copy: Copy) -> None:
    shown = value if "." in value or value == "nan" else f"{value}.0"
    said = copy("run", *SAMPLE, f"--word_dropout={value}", code=2)
    assert said == f"refit: word_dropout must be at least 0 and below 1, got {shown}\n"
    assert not copy.root.exists()


def test_it_is_a_parameter_of_the_trainer_alone(copy: Copy) -> None:
    code = """
import run_local
from pipeline.cli.command_line import parse
call = parse(run_local.APP, ["run_local.py", "--dataset=sample", "--offline", "--word_dropout=0.3"])[1]
pipeline = call.build(keep=False).pipeline
print({component.name: component.parameters.get("word_dropout") for component in pipeline.components}["Trainer"])
print([component.name for component in pipeline.components if "word_dropout" in component.parameters])
"""
    assert copy.python("-c", code).stdout.splitlines() == ["0.3", "['Trainer']"]


@pytest.mark.slow
def test_it_is_part_of_the_cache_key_and_of_the_record(copy: Copy) -> None:
    ran = json.loads(copy("run", *SAMPLE, "--to=Trainer", "--json"))
    assert ran["settings"]["word_dropout"] == 0.0
    planned = json.loads(copy("plan", *SAMPLE, "--to=Trainer", "--word_dropout=0.3", "--json"))
    reasons = {component["name"]: component["reason"] for component in planned["components"]}
    assert reasons["Trainer"] == "word_dropout 0.0 → 0.3"
    unchanged = {f"unchanged since {ran['run_id']}", "not selected"}
    assert {reason for name, reason in reasons.items() if name != "Trainer"} == unchanged
    specs = Path(next(c["outputs"]["model"]["uri"] for c in ran["components"] if c["name"] == "Trainer"), "specs.json")
    assert json.loads(specs.read_text())["training"]["word_dropout"] == 0.0
