"""README and docs: command lines parse, blocks run, links have targets, and generated pages are current."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import run_local as module
from pipeline.cli.command_line import parse
from tests.support.documents import DOCUMENTS, anchors, arguments, blocks, links, name_of, program
from tests.support.generated_docs import GENERATED
from tests.support.paths import PROJECT
from tests.support.scratch import SHELL, Scratch, elsewhere


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
                assert block.not_run or program(line) in SHELL or elsewhere(line), (
                    f"`{line}` is not run, and no comment says why"
                )


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_diff_applies_and_leaves_code_that_python_can_parse(document: Path, tmp_path: Path) -> None:
    for diff in [block.text for block in blocks(document) if block.kind == "diff"]:
        for name in re.findall(r"^--- a/(.+)$", diff, re.MULTILINE):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, tmp_path / name)
        done = subprocess.run(["patch", "-p1"], cwd=tmp_path, input=diff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        for changed in tmp_path.rglob("*.py"):
            ast.parse(changed.read_text(encoding="utf-8"))


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
    with Scratch(tmp_path / "project", document) as scratch:
        for block in blocks(document):
            if not block.not_run:
                scratch.execute(block)
