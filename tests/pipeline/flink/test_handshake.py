"""The check of the workers: another version, or a folder that they cannot see, is one clear message."""

import json
import os
import socket
from pathlib import Path

import pytest

from pipeline.core.errors import PipelineError
from pipeline.flink.handshake import ASKED, answer, identity

WORKER = f"the worker {os.getpid()} on {socket.gethostname()}"

OTHERS = {"Refit's source": "0123456789abcdef", "Beam": "2.1.0", "Python": "3.10"}


def ask(folder: Path, **changes: str) -> str:
    folder.mkdir()
    (folder / ASKED).write_text(json.dumps({**identity(), **changes}))
    return str(folder)


def test_an_equal_worker_answers(tmp_path: Path) -> None:
    answer(ask(tmp_path / "asked"))
    assert len(list((tmp_path / "asked").iterdir())) == 2


@pytest.mark.parametrize("name", OTHERS)
def test_a_worker_with_another_version_says_so(name: str, tmp_path: Path) -> None:
    asked = ask(tmp_path / "asked", **{name: OTHERS[name]})
    with pytest.raises(PipelineError) as raised:
        answer(asked)
    assert str(raised.value) == (
        f"{WORKER} has another version: {name} is {identity()[name]}, here it is {OTHERS[name]}; install the same "
        "wheel of Refit and its locked libraries on every worker, and start the workers again"
    )
    assert len(list((tmp_path / "asked").iterdir())) == 1


def test_a_worker_that_cannot_see_the_pipeline_root_says_so(tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as raised:
        answer(str(tmp_path / "root" / ".cluster-x"))
    assert str(raised.value) == (
        f"{WORKER} has no access to {tmp_path / 'root'}; put the pipeline root on a disk that all workers mount at the "
        "same path"
    )
