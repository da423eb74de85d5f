"""README and docs: every command line is one that is understood, every block runs, every link leads somewhere."""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import run_local as module
from pipeline.cli.command_line import parse
from tests.support.documents import DOCUMENTS, Block, arguments, blocks
from tests.support.flags_reference import FILE, reference
from tests.support.paths import PROJECT

ELSEWHERE = {
    r"make run": "sets up as well; `.ci/run` does it, from a clean checkout",
    r"--dataset=(reuters|imdb)": "real data are not part of the project; tests/test_real_data.py trains on them",
    r"mysql://": "needs a database server; tests/pipeline/test_mysql.py starts one",
}
"""What is not run although nothing beside it says so, by what is in the line."""

CODES = {"doctor": (0, 1)}
"""Exit codes beside 0: doctor judges the machine."""

RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_is_understood_and_every_python_block_is_python(document: Path) -> None:
    found = blocks(document)
    changed = any(block.kind == "diff" for block in found)  # what it changes may be what a flag takes
    for block in found:
        if block.kind == "python":
            ast.parse(block.text if not block.text.startswith(" ") else f"if True:\n{block.text}")
        for line in block.commands if block.kind == "sh" else []:
            if (given := arguments(line)) is not None and not changed and "--help" not in given:
                parse(module.APP, ["run_local.py", *given])
            elif given is None:
                assert block.not_run or _elsewhere(line), f"`{line}` is not run, and nothing says why"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_reference_of_flags_is_that_of_the_definitions() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run .venv/bin/python tests/flags_reference.py"


RUNNABLE = [document for document in DOCUMENTS if any(not block.not_run for block in blocks(document))]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with a pipeline root that has the sample's texts and token ids in it.

    `auto` is decided once for a root: after this no command asks the network for Reuters.
    """
    project = tmp_path_factory.mktemp("copied") / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".*", "__pycache__", "runs", "tests"))
    (project / ".venv").symlink_to((PROJECT / ".venv").resolve())
    Scratch(project, FILE).run([".venv/bin/python", "run_local.py", "--offline", "--epochs=1", "--quiet"])
    return project


@pytest.mark.slow
@pytest.mark.parametrize("document", RUNNABLE, ids=lambda path: path.name)
def test_every_block_runs(document: Path, copied: Path, tmp_path: Path) -> None:
    shutil.copytree(copied, tmp_path / "project", symlinks=True)
    scratch = Scratch(tmp_path / "project", document)
    for block in blocks(document):
        if not block.not_run:
            scratch.execute(block)


def _elsewhere(line: str) -> str | None:
    return next((why for pattern, why in ELSEWHERE.items() if re.search(pattern, line)), None)


class Scratch:
    """A copy of the project in which a document's blocks are executed, one after the other."""

    def __init__(self, project: Path, document: Path) -> None:
        self.project, self.document = project, document
        self.environment = {**os.environ, "TFDS_DATA_DIR": str(project / "no-data"), "HOME": str(project)}

    def execute(self, block: Block) -> None:
        if block.kind == "diff":
            self.run(["patch", "-p1"], block.text)
        elif block.kind == "python":
            self.python(block.text)
        else:
            for line in block.commands:
                if not _elsewhere(line):
                    self.command(line)

    def python(self, text: str) -> None:
        if named := re.match(r"# (\S+\.py)\n", text):
            (self.project / named[1]).write_text(text)
        elif re.match(r"(import|from) ", text):
            self.run([".venv/bin/python", "-c", self.filled(text)])

    def command(self, line: str) -> None:
        given = arguments(line)
        assert given is not None, line
        name = given[0] if given and not given[0].startswith("-") else "run"
        words = [".venv/bin/python", "run_local.py", *(self.filled(word) for word in given)]
        out = self.run(words, codes=CODES.get(name, (0,)))
        if self.document.name == "reference-json.md":
            told = json.loads(out)
            text = self.document.read_text(encoding="utf-8")
            assert [key for key in (told[0] if isinstance(told, list) else told) if f"`{key}`" not in text] == []

    def filled(self, text: str) -> str:
        """With the run that there is in place of the one that the document had."""
        trained = max((path.name for path in (self.project / "runs" / "Trainer").glob("*")), default="latest")
        return RUN_ID.sub(trained, text.replace("<run>", trained))

    def run(self, words: list[str], stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            words, cwd=self.project, env=self.environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode in codes, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout
