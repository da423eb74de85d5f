"""`load_on_use` executes a module at its first use, once, and lets other threads wait for it."""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.load_on_use import load_on_use

Write = Callable[..., ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a package with the modules that are given as source, and imports it."""
    finders = sys.meta_path.copy()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "executed", [], raising=False)

    def write(*but: str, **modules: str) -> ModuleType:
        (tmp_path / "api").mkdir()
        for name, source in modules.items():
            (tmp_path / "api" / f"{name}.py").write_text(f"import sys\nsys.executed.append(__name__)\n{source}")
        (tmp_path / "api" / "__init__.py").write_text("".join(f"from api import {name}\n" for name in modules))
        load_on_use("api", *but)
        return importlib.import_module("api")

    yield write
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.partition(".")[0] == "api"]:
        del sys.modules[name]


def executed() -> list[str]:
    return list(sys.executed)  # type: ignore[attr-defined]


def test_a_module_is_executed_once_and_when_it_is_used(package: Write) -> None:
    api = package(one="value = 1", two="value = 2")
    assert not executed()
    assert sys.modules["api.one"] is api.one
    assert (api.two.value, api.two.value) == (2, 2)
    assert executed() == ["api.two"]


def test_a_module_may_use_another_one_and_itself(package: Write) -> None:
    api = package(one="from api import two\nimport api\nvalue = two.value\nsame = api.one.value", two="value = 2")
    assert (api.one.value, api.one.same) == (2, 2)
    assert executed() == ["api.one", "api.two"]


def test_its_names_can_be_imported(package: Write) -> None:
    package(one="value = 1")
    found: dict[str, object] = {}
    exec("from api.one import *", found)
    assert found["value"] == 1


def test_the_modules_that_are_named_are_executed_at_once(package: Write) -> None:
    package("api.one", one="value = 1", one_more="value = 2")
    assert executed() == ["api.one"]


def test_an_unknown_attribute(package: Write) -> None:
    with pytest.raises(AttributeError, match=r"^module 'api\.one' has no attribute 'other'$"):
        _ = package(one="value = 1").one.other


def test_a_module_that_fails_does_so_at_each_use(package: Write) -> None:
    api = package(one="raise OSError('no disk')")
    for _ in range(2):
        with pytest.raises(OSError, match=r"^no disk$"):
            _ = api.one.value
    assert executed() == 2 * ["api.one"]


def test_other_threads_wait_for_it(package: Write) -> None:
    api = package(one="import time\nfirst = 1\ntime.sleep(0.2)\nlast = 2")
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(api.one.last)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == 8 * [2]
    assert executed() == ["api.one"]
