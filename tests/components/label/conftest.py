"""A serving folder, and `label` as a user calls it, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Ran

Label = Callable[..., Ran]


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.toy_pushed import make_serving

    return make_serving(tmp_path_factory.mktemp("serving"), tmp_path_factory.mktemp("scratch")).parent


@pytest.fixture
def label(serving: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Label:
    import run_local
    from pipeline.cli import command_line

    def call(*arguments: object) -> Ran:
        argv = ["run_local.py", "label", *map(str, arguments), f"--pipeline_root={tmp_path / 'root'}"]
        if not any(str(argument).startswith("--check") for argument in arguments):
            argv.append(f"--serving_dir={serving}")
        code = command_line.main(run_local.APP, argv)
        return Ran(code, *capfd.readouterr())

    return call
