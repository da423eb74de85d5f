"""Shared by all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import mariadb
from tests.support.desk import Desk
from tests.support.paths import PROJECT

# Processes that tests start find the project and `tests.support`, whatever their working directory.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr)


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mariadb.Server]:
    if absent := mariadb.missing():
        pytest.skip(
            f"{' and '.join(absent)} are not installed (Debian's packages mariadb-server-core and mariadb-client-core)"
        )
    with mariadb.serve(tmp_path_factory.mktemp("mariadb")) as server:
        yield server
