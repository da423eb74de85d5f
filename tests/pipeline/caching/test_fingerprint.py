"""The cache key, in cases where names, dates and versions alone would miss a change."""

import enum
import importlib
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.caching import file_digest
from pipeline.caching.fingerprint import cache_key, canonical, changed_fields, field_phrase
from pipeline.caching.source_closure import import_closure
from pipeline.core.errors import ConfigError


class Style(enum.Enum):
    FIT = "fit"


@dataclass(frozen=True)
class Spec:
    size: int
    rate: float


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1.0"),
        (True, "True"),
        ("1", "'1'"),
        (None, "None"),
        (1e-7, "1e-07"),
        (math.inf, "inf"),
        (Style.FIT, "'fit'"),
        (("a", ("b",)), "('a', ('b'))"),
        (Spec(7, 0.5), "Spec(size=7, rate=0.5)"),
        ({"b": 1, "a": 2}, "{'a': 2, 'b': 1}"),
    ],
)
def test_each_parameter_value_has_its_own_text(value: object, text: str) -> None:
    assert canonical(value) == text


def test_a_path_is_not_a_parameter() -> None:
    with pytest.raises(ConfigError, match=r"declare it with location\(\)"):
        canonical(Path("data"))


def test_field_names_and_values_cannot_merge() -> None:
    keys = [{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "", "b": "c"}, {}, {"": ""}]
    assert len({cache_key(fields) for fields in keys}) == len(keys)
    assert cache_key({"a": "1", "b": "2"}) == cache_key({"b": "2", "a": "1"})


def test_changes_are_described_for_the_user() -> None:
    old = {"parameter:rate": "0.001", "source:a.py": "1", "library:keras": "3.15.0", "input:examples": "x",
           "external:archive": "absent", "parameter:gone": "1", "python": "3.11.6"}  # fmt: skip
    new = {"parameter:rate": "0.01", "source:a.py": "2", "source:b.py": "1", "library:keras": "3.15.1",
           "input:examples": "y", "external:archive": "z", "python": "3.11.7"}  # fmt: skip
    names = changed_fields(old, new)
    assert [field_phrase(name, old.get(name), new.get(name)) for name in names] == [
        "rate 0.001 → 0.01",
        "gone 1 → unset",
        "examples changed",
        "archive added",
        "a.py changed",
        "b.py added",
        "keras 3.15.0 → 3.15.1",
        "python 3.11.6 → 3.11.7",
    ]


SOURCES = {
    "steps/__init__.py": "",
    "steps/train.py": "import json\nimport numpy\nfrom lib.helper import help\n\ndef run():\n    from . import late\n",
    "steps/late.py": "from .deep import thing\n",
    "steps/deep.py": "import absl.flags\nthing = 1\n",
    "steps/other.py": "import this_is_not_imported_by_train\n",
    "lib/__init__.py": "",
    "lib/helper.py": "from lib import table\n\ndef help(): return table.ROWS\n",
    "lib/table.py": "ROWS = 1\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("steps.train")
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("steps", "lib")]:
        del sys.modules[name]


def test_the_closure_includes_imports_inside_functions_but_not_library_code(project: Path) -> None:
    files, libraries = import_closure("steps.train")
    assert list(files) == [
        "lib/__init__.py",
        "lib/helper.py",
        "lib/table.py",
        "steps/__init__.py",
        "steps/deep.py",
        "steps/late.py",
        "steps/train.py",
    ]
    assert list(libraries) == ["absl-py", "numpy"]


def test_installed_next_to_its_libraries_the_closure_is_that_of_the_checkout(project: Path) -> None:
    checkout = import_closure("steps.train")
    libraries = {
        "numpy/__init__.py": "import lib",
        "absl/__init__.py": "",
        "absl/flags.py": "import late_library",
        "json.py": "",
        "refit-1.dist-info/top_level.txt": "lib\npipeline\nsteps\n",
        "numpy-2.dist-info/top_level.txt": "numpy\n",
    }
    for name, text in libraries.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    assert import_closure("steps.train") == checkout


@pytest.mark.parametrize("settled", [file_digest.SETTLED, 0], ids=["just written", "old"])
def test_a_same_size_edit_with_the_old_mtime_changes_the_digest_and_a_touch_does_not(
    project: Path, settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digest, "SETTLED", settled)
    table = project / "lib" / "table.py"
    if not settled:
        time.sleep(0.05)  # so that the edit gets another time stamp on any file system
    before, _ = import_closure("steps.train")
    stat = table.stat()
    table.write_text("ROWS = 2\n")
    os.utime(table, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after, _ = import_closure("steps.train")
    assert [name for name in before if before[name] != after[name]] == ["lib/table.py"]
    table.write_text("ROWS = 1\n")
    assert import_closure("steps.train")[0] == before


def test_a_module_that_is_not_imported_is_not_in_the_closure(project: Path) -> None:
    before = import_closure("steps.train")
    (project / "steps" / "other.py").write_text("changed = True\n")
    assert import_closure("steps.train") == before


def test_a_changed_file_is_named_before_added_and_removed_ones() -> None:
    old = {"external:a": "1", "external:b": "1", "external:c": "1", "parameter:span": "3"}
    new = {"external:b": "1", "external:c": "2", "external:aa": "1", "parameter:span": "4"}
    assert changed_fields(old, new) == ["parameter:span", "external:c", "external:aa", "external:a"]


def test_a_long_value_is_cut_in_a_message() -> None:
    many = canonical(tuple(f"label {n}" for n in range(9_000)))
    assert len(field_phrase("parameter:labels", "()", many)) < 150
