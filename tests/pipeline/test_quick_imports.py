"""`quick_imports` leaves the collector and the modules as they were, whether the block fails or not."""

import gc
import importlib
import json
import sys

import pytest

from pipeline.quick_imports import quick_imports


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_collector_is_as_before(enabled: bool, fails: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(ImportError) if fails else quick_imports(), quick_imports():
            assert not gc.isenabled()
            if fails:
                raise ImportError
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_the_collector_does_not_visit_what_was_imported() -> None:
    before = gc.get_freeze_count()
    with quick_imports():
        kept = [[number] for number in range(1000)]
    assert gc.get_freeze_count() >= before + len(kept)
    assert not any(found is kept for found in gc.get_objects())


def test_a_hidden_package_cannot_be_imported_until_the_block_ends() -> None:
    sys.modules.pop("this", None)
    with quick_imports("this"), pytest.raises(ImportError):
        importlib.import_module("this")
    assert "this" not in sys.modules
    importlib.import_module("this")


def test_an_imported_package_is_not_hidden() -> None:
    with quick_imports("json"):
        assert importlib.import_module("json") is json
    assert sys.modules["json"] is json
