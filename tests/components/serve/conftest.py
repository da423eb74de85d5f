"""One serving folder and two servers for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served_versions import describe, save_version, use
from tests.support.serving_process import ServingProcess
from tests.support.toy_model import make_graph, make_model, topics

TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="session")
def serving_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`toy`: versions 1 to 3, whose answers carry their number; 2 is in use. `real`: a model as Trainer saves it."""
    path = tmp_path_factory.mktemp("serve")
    for number in (1, 2, 3):
        save_version(path / "toy", number)
    use(path / "toy", 2)
    model = make_model(path / "model", make_graph(path / "graph"), 6)
    (path / "real").mkdir()
    (model.path / model.SERVING).rename(path / "real" / "1")
    describe(path / "real", 1, tuple(topics(6)))
    use(path / "real", 1)
    return path


@pytest.fixture(scope="session")
def server(serving_dir: Path) -> Iterator[ServingProcess]:
    with ServingProcess(serving_dir) as process:
        yield process


@pytest.fixture(scope="session")
def strict(serving_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    """A server with a token, low limits, and the same bits in every batch."""
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text(f"{TOKEN}\n")
    flags = [f"--token_file={token}", "--max_body_mb=1", "--max_queue=300", "--fixed_batch"]
    with ServingProcess(serving_dir, *flags, token=TOKEN) as process:
        yield process
