"""The layout of the code: no import circles, small files and folders, an engine that knows no application."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

PACKAGES = ("pipeline", "schemas", "components")
LONGEST_FILE, LARGEST_FOLDER = 200, 10

FILES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))
MODULES = {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}


def imports(path: Path) -> set[str]:
    """The modules of the project that a file imports, inside functions too, but not for type checkers alone."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unused = {id(node) for block in ast.walk(tree) if for_type_checkers(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in unused:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(
                name if (name := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            )
    return found & MODULES.keys()


def for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_no_modules_import_each_other_in_a_circle_not_even_at_call_time() -> None:
    graph = {name: imports(path) - {name} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("name", MODULES)
def test_no_file_is_longer_than_a_reader_likes(name: str) -> None:
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE


@pytest.mark.parametrize(
    "folder", sorted({path.parent.relative_to(PROJECT).as_posix() for path in FILES if "pipeline" in path.parts})
)
def test_no_folder_of_the_engine_has_more_than_ten_files(folder: str) -> None:
    assert len([path for path in FILES if path.parent == PROJECT / folder]) <= LARGEST_FOLDER


@pytest.mark.parametrize("folder", sorted({path.parent.relative_to(PROJECT).as_posix() for path in FILES}))
def test_every_folder_says_its_idea_in_one_sentence(folder: str) -> None:
    doc = ast.get_docstring(ast.parse((PROJECT / folder / "__init__.py").read_text(encoding="utf-8")))
    assert doc
    assert doc.splitlines()[0].endswith(".")


@pytest.mark.parametrize("word", ["tensorflow", "metrics", "blessed", "dataset"])
def test_the_engine_does_not_speak_of_an_application(word: str) -> None:
    texts = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items() if name.startswith("pipeline")}
    assert [name for name, text in texts.items() if re.search(word, text, re.IGNORECASE)] == []


def test_component_classes_are_named_nowhere_in_the_engine() -> None:
    classes = {
        node.name
        for path in (PROJECT / "components").glob("*/__init__.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    assert {"Ingestion", "Trainer", "Pusher"} <= classes
    pattern = re.compile(rf"[\"']({'|'.join(sorted(classes))})[\"']")
    assert [name for name, path in MODULES.items() if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_autograph_is_off_where_a_graph_has_no_loop_in_python() -> None:
    """AutoGraph parses and compiles each function of a graph again, 20 ms each."""
    on: list[str] = []
    for path in FILES:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        off = [
            node.func for node in nodes if isinstance(node, ast.Call) and "autograph" in {k.arg for k in node.keywords}
        ]
        functions = [node for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node) == "tf.function"]
        on += [path.relative_to(PROJECT).as_posix() for function in functions if function not in off]
    assert on == ["components/trainer/loops/custom.py"]
