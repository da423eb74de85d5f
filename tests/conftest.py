"""Shared by all tests."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.component import Component
from tests.support import mariadb
from tests.support.leftovers import none_left
from tests.support.paths import PROJECT
from tests.support.run_component import Inputs, Ran, RunComponent
from tests.support.run_component import run_component as run_in_home

if TYPE_CHECKING:
    from tests.support.desk import Desk

# Processes that tests start find the project and `tests.support`, whatever their working directory.
# A shell starts a background job with SIGINT ignored, and `nohup` ignores SIGHUP. The processes that tests start would
# inherit that, and tests of signals would fail.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number is signal.SIGINT else signal.SIG_DFL)

os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_over(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """It is set up first, so it looks after everything else has been torn down."""
    with none_left(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> "Desk":
    from tests.support.desk import Desk  # imports the command line, which most tests do not need

    return Desk(tmp_path, capfd.readouterr)


@pytest.fixture
def run_component(tmp_path: Path) -> RunComponent:
    """`run_component(component, {component.examples: examples})` runs a component in a new folder under `tmp_path`."""
    numbers = itertools.count(1)

    def run(component: Component, inputs: Inputs | None = None, **more: Any) -> Ran:
        return run_in_home(component, inputs, home=tmp_path / f"{component.name}-{next(numbers)}", **more)

    return run


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mariadb.Server]:
    if absent := mariadb.missing():
        pytest.skip(
            f"{' and '.join(absent)} are not installed (Debian's packages mariadb-server-core and mariadb-client-core)"
        )
    with mariadb.serve(tmp_path_factory.mktemp("mariadb")) as server:
        yield server
