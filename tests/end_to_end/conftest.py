"""One Flink cluster for all tests of a session that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.support.flink_cluster import Cluster, running


@pytest.fixture(scope="session")
def flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("flink")) as cluster:
        yield cluster
