"""What changes the digest of a file's code, and with it a cache key, and what does not."""

import ast
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.caching import code_digest as code_digest_module
from pipeline.caching import source_closure as source
from pipeline.caching.code_digest import code_digest, parse
from pipeline.caching.file_digest import project_files
from pipeline.caching.source_closure import import_closure
from pipeline.core.artifact import sha256_file
from tests.support.paths import PROJECT


def digest(text: str | bytes) -> str:
    tree = parse(text if isinstance(text, bytes) else text.encode())
    assert tree is not None
    return code_digest(tree)


SAME = {
    "comment": ("x = 1\n", "# why\nx = 1  # and how\n"),
    "comment that mentions docstrings": ('"""Old."""\nx = 1\n', '"""New."""\nx = 1  # not __doc__\n'),
    "comment in a call": ("f(a, b)\n", "f(\n    a,  # one\n    b,\n)\n"),
    "module docstring": ('"""Old."""\nx = 1\n', '"""New.\n\nLonger.\n"""\nx = 1\n'),
    "module docstring removed": ('"""Old."""\nx = 1\n', "x = 1\n"),
    "class docstring": ('class A:\n    """Old."""\n    x = 1\n', 'class A:\n    """New."""\n    x = 1\n'),
    "function docstring": ('def f():\n    """Old."""\n    return 1\n', "def f():\n    return 1\n"),
    "async function docstring": ('async def f():\n    """Old."""\n    return 1\n', "async def f():\n    return 1\n"),
    "nested docstring": ('if a:\n    def f():\n        """Old."""\n        g()\n', "if a:\n    def f(): g()\n"),
    "attribute docstring": ('class A:\n    x: int = 1\n    """Old."""\n', "class A:\n    x: int = 1\n"),
    "docstring of a constant": ('X = 1\n"""Old."""\nY = 2\n', 'X = 1\n"""New."""\nY = 2\n'),
    "docstring that mentions __doc__": ('"""Old."""\nx = 1\n', '"""Sets `__doc__`."""\nx = 1\n'),
    "only a docstring": ('def f():\n    """Old."""\n', 'def f():\n    """New."""\n'),
    "pass for a docstring": ('def f():\n    """Old."""\n', "def f():\n    pass\n"),
    "pass for an ellipsis": ("def f(): ...\n", "def f(): pass\n"),
    "pass beside a docstring": ('class A(E):\n    """Old."""\n', 'class A(E):\n    """Old."""\n    pass\n'),
    "else that does nothing": ("if a:\n    f()\n", "if a:\n    f()\nelse:\n    pass\n"),
    "blank lines": ("x = 1\ny = 2\n", "\n\nx = 1\n\n\n\ny = 2\n\n"),
    "spaces": ("x = f(1, a[2:3])\n", "x=f( 1,a[2 : 3] )   \n"),
    "indentation": ("if a:\n    f()\n    g()\n", "if a:\n\tf()\n\tg()\n"),
    "line endings": ('x = """a\nb"""\ny = 2\n', 'x = """a\r\nb"""\r\ny = 2\r\n'),
    "no newline at the end": ("x = 1\n", "x = 1"),
    "byte order mark": (b"x = 1\n", b"\xef\xbb\xbfx = 1\n"),
    "re-wrapped call": ("x = f(a, b, key=c)\n", "x = f(\n    a,\n    b,\n    key=c,\n)\n"),
    "quotes": ("x = 'a'\n", 'x = "a"\n'),
    "triple quotes": ('x = "a\\nb"\n', 'x = """a\nb"""\n'),
    "quotes in an f-string": ("x = f'{a!r} b'\n", 'x = f"{ a !r} b"\n'),
    "escape": ('x = "\\x41\\u00e9"\n', 'x = "Aé"\n'),
    "raw string of the same value": ('x = "a\\\\d"\n', 'x = r"a\\d"\n'),
    "string prefix u": ('x = "a"\n', 'x = u"a"\n'),
    "implicit concatenation": ('x = "ab"\n', 'x = ("a"\n     "b")\n'),
    "implicit concatenation of f-strings": ('x = f"a{b}c"\n', 'x = "a" f"{b}" "c"\n'),
    "trailing comma": ("x = [1, 2]\ny = 1,\n", "x = [1, 2,]\ny = (1,)\n"),
    "parentheses": ("x = a + b * c\nif x: f()\n", "x = (a + (b * c))\nif (x): f()\n"),
    "empty bases": ("class A: x = 1\n", "class A(): x = 1\n"),
    "parenthesised imports": ("from a import b, c\n", "from a import (\n    b,\n    c,\n)\n"),
    "line continuation": ("x = a + b\n", "x = a + \\\n    b\n"),
    "semicolons": ("x = 1\ny = 2\n", "x = 1; y = 2\n"),
    "block on one line": ("if a:\n    f()\n", "if a: f()\n"),
    "else if": ("if a: f()\nelif b: g()\n", "if a: f()\nelse:\n    if b: g()\n"),
    "number formatting": ("x = 1000, 255, 0.001, 1e3\n", "x = 1_000, 0xFF, 1e-3, 1000.0\n"),
    "type comment": ("x = []\n", "x = []  # type: list[int]\n"),
    "coding comment of the same text": (b"x = 'a'\n", b"# coding: latin-1\nx = 'a'\n"),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_an_edit_that_changes_no_code_keeps_the_digest(before: str | bytes, after: str | bytes) -> None:
    assert before != after
    assert digest(before) == digest(after)


CHANGED = {
    "constant": ("x = 1\n", "x = 2\n"),
    "int to float": ("x = 1\n", "x = 1.0\n"),
    "int to bool": ("x = 1\n", "x = True\n"),
    "last bit of a float": ("x = 0.1\n", "x = 0.10000000000000002\n"),
    "sign": ("x = 1\n", "x = -1\n"),
    "very long integer": (f"x = 0x{'f' * 5000}\n", f"x = 0x{'f' * 4999}e\n"),
    "text to bytes": ('x = "a"\n', 'x = b"a"\n'),
    "text to name": ('x = "a"\n', "x = a\n"),
    "space in a text": ('x = "a b"\n', 'x = "a  b"\n'),
    "hash sign in a text": ('x = "a # b"\n', 'x = "a # c"\n'),
    "raw string of another value": ('x = "a\\n"\n', 'x = r"a\\n"\n'),
    "text that is used": ('def f():\n    return """Old."""\n', 'def f():\n    return """New."""\n'),
    "text of a coding comment": ("x = 'é'\n".encode(), b"# coding: latin-1\n" + "x = 'é'\n".encode()),
    "f-string text": ('x = f"a {b}"\n', 'x = f"c {b}"\n'),
    "f-string value": ('x = f"a {b}"\n', 'x = f"a {c}"\n'),
    "f-string format": ('x = f"{b:.2f}"\n', 'x = f"{b:.3f}"\n'),
    "f-string conversion": ('x = f"{b}"\n', 'x = f"{b!r}"\n'),
    "f-string that shows its source": ('x = f"{b=}"\n', 'x = f"{b = }"\n'),
    "f-string to text": ('x = f"{b}"\n', 'x = "{b}"\n'),
    "name": ("x = a\n", "x = b\n"),
    "assigned name": ("x = a\n", "y = a\n"),
    "attribute": ("x = a.b\n", "x = a.c\n"),
    "function name": ("def f(): g()\n", "def h(): g()\n"),
    "parameter name": ("def f(a): g()\n", "def f(b): g()\n"),
    "default": ("def f(a=1): g()\n", "def f(a=2): g()\n"),
    "default of another parameter": ("def f(a, b=1): g()\n", "def f(a=1, b=1): g()\n"),
    "keyword-only": ("def f(a, b): g()\n", "def f(a, *, b): g()\n"),
    "positional-only": ("def f(a, b): g()\n", "def f(a, /, b): g()\n"),
    "keyword": ("f(a=1)\n", "f(b=1)\n"),
    "argument to keyword": ("f(a, b)\n", "f(a, b=b)\n"),
    "unpacking": ("f(a)\n", "f(*a)\n"),
    "order of arguments": ("f(a, b)\n", "f(b, a)\n"),
    "operator": ("x = a + b\n", "x = a - b\n"),
    "comparison": ("x = a < b\n", "x = a <= b\n"),
    "grouping": ("x = a - b - c\n", "x = a - (b - c)\n"),
    "list to tuple": ("x = [1]\n", "x = (1,)\n"),
    "tuple": ("x = (1)\n", "x = (1,)\n"),
    "nesting": ("x = [[a], b]\n", "x = [[a, b]]\n"),
    "order of a dict": ("x = {1: a, 2: b}\n", "x = {2: b, 1: a}\n"),
    "slice": ("x = a[1:]\n", "x = a[:1]\n"),
    "decorator": ("@a\ndef f(): g()\n", "@b\ndef f(): g()\n"),
    "decorator removed": ("@a\ndef f(): g()\n", "def f(): g()\n"),
    "order of decorators": ("@a\n@b\ndef f(): g()\n", "@b\n@a\ndef f(): g()\n"),
    "base class": ("class A(B): x = 1\n", "class A(C): x = 1\n"),
    "annotation": ("x: int = 1\n", "x: float = 1\n"),
    "annotation added": ("x = 1\n", "x: int = 1\n"),
    "annotation that is not kept": ("x: int = 1\n", "(x): int = 1\n"),
    "annotation of a parameter": ("def f(a: int): g()\n", "def f(a: str): g()\n"),
    "annotation of a result": ("def f() -> int: g()\n", "def f() -> str: g()\n"),
    "import": ("import a\n", "import b\n"),
    "import alias": ("import a as b\n", "import a as c\n"),
    "import of a submodule": ("import a.b\n", "from a import b\n"),
    "relative import": ("from a import b\n", "from .a import b\n"),
    "relative import from above": ("from . import b\n", "from .. import b\n"),
    "order of imports": ("import a\nimport b\n", "import b\nimport a\n"),
    "future import": ("x: int\n", "from __future__ import annotations\nx: int\n"),
    "order of statements": ("f()\ng()\n", "g()\nf()\n"),
    "deleted statement": ("f()\ng()\n", "f()\n"),
    "deleted assertion": ("assert a\nf()\n", "f()\n"),
    "statement moved out of a block": ("if a:\n    f()\n    g()\n", "if a:\n    f()\ng()\n"),
    "statement moved to else": ("for a in b: f()\ng()\n", "for a in b: f()\nelse: g()\n"),
    "pass for a call": ("if a: f()\nelse: g()\n", "if a: f()\nelse: pass\n"),
    "pass for return": ("def f():\n    for a in b: return\n", "def f():\n    for a in b: pass\n"),
    "text for a call": ("f()\n", '"f()"\n'),
    "commented out": ("f()\ng()\n", "f()\n# g()\n"),
    "caught exception": ("try: f()\nexcept A: g()\n", "try: f()\nexcept B: g()\n"),
    "finally": ("try: f()\nfinally: g()\n", "try: f()\nexcept: g()\n"),
    "global": ("def f():\n    global a\n    a = 1\n", "def f():\n    global b\n    a = 1\n"),
    "async": ("def f(): g()\n", "async def f(): g()\n"),
    "generator": ("x = [a for a in b]\n", "x = (a for a in b)\n"),
    "match pattern": ("match a:\n    case 1: f()\n", "match a:\n    case 2: f()\n"),
    "docstring that the module reads": ('"""Old."""\nprint(__doc__)\n', '"""New."""\nprint(__doc__)\n'),
    "docstring read as an attribute": (
        'class A:\n    """Old."""\nA.__doc__\n',
        'class A:\n    """New."""\nA.__doc__\n',
    ),
    "docstring read by name": ('"""Old."""\ngetattr(a, "__doc__")\n', '"""New."""\ngetattr(a, "__doc__")\n'),
    "docstring read with inspect": ('"""Old."""\ninspect.getdoc(a)\n', '"""New."""\ninspect.getdoc(a)\n'),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_an_edit_that_changes_code_changes_the_digest(before: str | bytes, after: str | bytes) -> None:
    assert digest(before) != digest(after)


PROJECT_SOURCES = ["pipeline/**/*.py", "schemas/**/*.py", "components/**/*.py"]


def test_every_file_of_the_project_has_the_digest_of_what_python_writes_for_its_tree() -> None:
    texts = {name: (PROJECT / name).read_bytes() for name in project_files(PROJECT, PROJECT_SOURCES)}
    assert [name for name, text in texts.items() if digest(text) != digest(ast.unparse(ast.parse(text)))] == []


@pytest.mark.parametrize(
    "data",
    [b"x = (\n", b"x = 1\0\n", b"x = '\xff'\n", b"return = 1\n", b"x = " + b"+".join([b"1"] * 20_000)],
    ids=["open parenthesis", "null byte", "not utf-8", "keyword", "nested too deep"],
)
def test_what_python_cannot_parse_has_no_tree(data: bytes) -> None:
    assert parse(data) is None


def test_a_sum_deeper_than_a_function_may_call_itself_has_a_digest() -> None:
    terms = ["a"] * (sys.getrecursionlimit() + 500)
    assert digest(f"x = {'+'.join(terms)}") != digest(f"x = {'+'.join(terms[1:])}")


SOURCES = {
    "steps/__init__.py": "",
    "steps/double.py": """
from dataclasses import dataclass
from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import Component, output
from steps.factor import FACTOR

@dataclass(frozen=True, kw_only=True)
class Double(Component):
    number: Channel[Artifact] = output(Artifact)
""",
    "steps/factor.py": "FACTOR = 2\n",
}

PRINT_KEY = """
from pipeline.caching.fingerprint import cache_key, key_fields
from steps.double import Double
fields = key_fields(Double(), {}, {})
assert "source:steps/factor.py" in fields, fields
print(cache_key(fields))
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def key_in_a_new_process(root: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(PROJECT)])}
    command = [sys.executable, "-c", PRINT_KEY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_comment_keeps_the_cache_key_and_a_statement_changes_it(tmp_path: Path) -> None:
    write(tmp_path, SOURCES)
    key = key_in_a_new_process(tmp_path)
    write(tmp_path, {"steps/factor.py": '"""By how much."""\n\n# twice\nFACTOR = (2)\n"""As is usual."""\n'})
    assert key_in_a_new_process(tmp_path) == key
    write(tmp_path, {"steps/factor.py": "FACTOR = 3\n"})
    assert key_in_a_new_process(tmp_path) != key


LAYOUT = {
    "steps/__init__.py": "",
    "steps/train.py": "from pipeline.core.component import Component\n",
    "steps/push.py": "from pipeline.core.component import Component\nfrom pipeline.storage.durable import replacing\n",
    "pipeline/__init__.py": "",
    "pipeline/core/__init__.py": "",
    "pipeline/core/component.py": "import numpy\nfrom pipeline.storage import workspace\nfrom pipeline.run import go\n",
    "pipeline/storage/__init__.py": "",
    "pipeline/storage/durable.py": "from pipeline.storage.locks import lock\nlock = lock\n",
    "pipeline/storage/locks.py": "import psutil\nlock = 1\n",
    "pipeline/storage/workspace.py": "import sqlalchemy\nfrom pipeline.storage.durable import lock\n",
    "pipeline/run.py": "go = 1\n",
}
CORE = ["pipeline/__init__.py", "pipeline/core/__init__.py", "pipeline/core/component.py"]
STORAGE = [f"pipeline/storage/{name}.py" for name in ("__init__", "durable", "locks", "workspace")]


def closure_of(monkeypatch: pytest.MonkeyPatch, root: Path, module: str, outside: Sequence[str]) -> list[list[str]]:
    """The files and the libraries of a module that is on disk and was not imported."""
    there = ModuleType(module)
    there.__file__ = str(root.joinpath(*module.split(".")).with_suffix(".py"))
    monkeypatch.setitem(sys.modules, module, there)
    return [list(part) for part in import_closure(module, outside)]


@pytest.mark.parametrize(
    ("module", "outside", "engine", "libraries"),
    [
        ("train", (), [*CORE, "pipeline/run.py", *STORAGE], ["numpy", "psutil", "sqlalchemy"]),
        ("train", ("pipeline/storage/",), [*CORE, "pipeline/run.py"], ["numpy"]),
        ("train", ("pipeline/storage/", "pipeline/run.py"), CORE, ["numpy"]),
        ("push", ("pipeline/storage/", "pipeline/run.py"), [*CORE, *STORAGE[:3]], ["numpy", "psutil"]),
    ],
    ids=["nothing outside", "a folder outside", "a file outside", "a component's own import"],
)
def test_plumbing_counts_only_if_a_component_imports_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    outside: Sequence[str],
    engine: list[str],
    libraries: list[str],
) -> None:
    write(tmp_path, LAYOUT)
    files = [*engine, "steps/__init__.py", f"steps/{module}.py"]
    assert closure_of(monkeypatch, tmp_path, f"steps.{module}", outside) == [files, libraries]


def test_a_file_is_parsed_once_and_one_that_does_not_parse_counts_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    def counted(data: bytes) -> ast.Module | None:
        parsed.append(data)
        return parse(data)

    monkeypatch.setattr(code_digest_module, "parse", counted)
    root = tmp_path / "a"
    write(root, {"a/one.py": "from a import two\n", "a/two.py": "x = (1\n", "a/three.py": "from a import two\n"})
    closure_of(monkeypatch, root, "a.one", ())
    closure_of(monkeypatch, root, "a.three", ())
    assert sorted(parsed) == [b"from a import two\n", b"from a import two\n", b"x = (1\n"]
    before = import_closure("a.one", ())[0]
    write(root, {"a/one.py": "from a import two  # more\n", "a/two.py": "x = (1  # more\n"})
    after = import_closure("a.one", ())[0]
    assert [name for name in before if before[name] != after[name]] == ["a/two.py"]
    assert len(parsed) == 5
    assert [name for name, digest in after.items() if digest == sha256_file(root / name)] == ["a/two.py"]


@pytest.mark.parametrize("path", source.PLUMBING)
def test_every_path_that_is_left_out_exists(path: str) -> None:
    assert (PROJECT / path).is_dir() if path.endswith("/") else (PROJECT / path).is_file()
