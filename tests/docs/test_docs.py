"""README and docs: command lines parse, blocks run, links have targets, and generated pages are current."""

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
from tests.support.documents import DOCUMENTS, Block, anchors, arguments, blocks, links, name_of
from tests.support.generated_docs import GENERATED
from tests.support.paths import PROJECT

ELSEWHERE = {
    r"make (setup|run|test)": "sets up as well; `.ci/run` does it, from a clean checkout",
    r"--dataset=(reuters|imdb)": "real data are not in the repository; tests/end_to_end/test_real_data.py uses them",
    r"mysql://": "needs a database server; tests/pipeline/metadata/test_mysql.py starts one",
}
"""Command lines that are not run although no comment in the document says so, by a pattern of the line."""

CODES = {"doctor": (0, 1)}
"""Allowed exit codes of commands that may end with another than 0: `doctor` depends on the machine."""

RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_line_and_every_python_block_parses(document: Path) -> None:
    found = blocks(document)
    changed = any(block.kind == "diff" for block in found)  # the diff may add a value of a flag
    for block in found:
        if block.kind == "python":
            ast.parse(block.text if not block.text.startswith(" ") else f"if True:\n{block.text}")
        for line in block.commands if block.kind == "sh" else []:
            if (given := arguments(line)) is not None and not changed and "--help" not in given:
                parse(module.APP, ["run_local.py", *given])
            elif given is None:
                assert block.not_run or _elsewhere(line), f"`{line}` is not run, and no comment says why"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_relative_link_has_a_target(document: Path) -> None:
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{link}: the file does not exist"
        assert not anchor or anchor in anchors(target), f"{link}: the anchors are {sorted(anchors(target))}"


def test_every_page_is_in_the_index() -> None:
    index = PROJECT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    pages = {document for document in DOCUMENTS if PROJECT / "docs" in document.parents}
    assert [name_of(page) for page in sorted(pages - linked - {index})] == []


@pytest.mark.parametrize("path", sorted(GENERATED))
def test_every_generated_page_is_current(path: str) -> None:
    current = (PROJECT / path).read_text(encoding="utf-8")
    assert current == GENERATED[path](), "run .venv/bin/python -m tests.support.generated_docs"


RUNNABLE = [document for document in DOCUMENTS if any(not block.not_run for block in blocks(document))]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with a pipeline root that has the sample's texts and token ids in it.

    The choice of `--dataset=auto` is stored in the root, so no later command asks the network for Reuters.
    """
    project = tmp_path_factory.mktemp("copied") / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".*", "__pycache__", "runs", "tests"))
    (project / ".venv").symlink_to((PROJECT / ".venv").resolve())
    Scratch(project, DOCUMENTS[0]).run([".venv/bin/python", "run_local.py", "--offline", "--epochs=1", "--quiet"])
    return project


@pytest.mark.slow
@pytest.mark.parametrize("document", RUNNABLE, ids=name_of)
def test_every_block_runs(document: Path, copied: Path, tmp_path: Path) -> None:
    shutil.copytree(copied, tmp_path / "project", symlinks=True)
    scratch = Scratch(tmp_path / "project", document)
    for block in blocks(document):
        if not block.not_run:
            scratch.execute(block)


def _elsewhere(line: str) -> str | None:
    return next((why for pattern, why in ELSEWHERE.items() if re.search(pattern, line)), None)


class Scratch:
    """A copy of the project in which a document's blocks are executed in order."""

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
        if self.document.name == "json.md":
            printed = json.loads(out)
            text = self.document.read_text(encoding="utf-8")
            assert [
                key for key in (printed[0] if isinstance(printed, list) else printed) if f"`{key}`" not in text
            ] == []

    def filled(self, text: str) -> str:
        """Replaces the run id of the document by the id of the newest training here."""
        trained = max((path.name for path in (self.project / "runs" / "Trainer").glob("*")), default="latest")
        return RUN_ID.sub(trained, text.replace("<run>", trained))

    def run(self, words: list[str], stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            words, cwd=self.project, env=self.environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode in codes, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout
