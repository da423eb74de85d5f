"""One S3 server for all tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.object_store import Host, Store, serve


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with serve(tmp_path_factory.mktemp("moto")) as store:
        yield store


@pytest.fixture
def host(store: Store, tmp_path: Path) -> Callable[[str], Host]:
    """`host("a")` is a host with its own local copies."""
    return lambda name: Host(tmp_path / name, store.address)
