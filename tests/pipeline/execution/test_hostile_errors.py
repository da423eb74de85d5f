"""A component that fails with text that no database can store: the execution and the run are FAILED all the same."""

import io
import json
from pathlib import Path

import pytest

from pipeline.execution.run import RunOptions, run
from pipeline.metadata.opening import open_store
from pipeline.storage.workspace import Workspace
from tests.support import toy
from tests.support.paths import PROJECT

HOSTILE = [
    ("holds \0 a NUL", "holds \\x00 a NUL"),
    ("a lone surrogate \udcff\ud800", "a lone surrogate \\udcff\\ud800"),
    ("\x1b[2J\x07\r clears the screen", "\\x1b[2J\\x07\\r clears the screen"),
    ("float:nan", "float:nan"),
    ("x" * 2_000_000, "xxx"),
    ("\0" * 70_000, "\\x00"),
]


@pytest.mark.parametrize(("text", "kept"), HOSTILE, ids=range(len(HOSTILE)))
def test_the_record_says_failed(text: str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr(toy.Reader, "run", fail)
    (tmp_path / "numbers.txt").write_text("1")
    workspace, said = Workspace.open(tmp_path / "root"), io.StringIO()
    result = run(
        toy.toy_pipeline(tmp_path / "numbers.txt"), workspace, RunOptions(why="toy"), PROJECT, said, lambda _: {}
    )
    assert (result.status, result.exit_code) == ("FAILED", 1)
    store = open_store(workspace.metadata)
    [execution] = store.executions_of(result.run_id)
    assert execution.state == "FAILED"
    found = store.get_run(result.run_id)
    assert found is not None
    assert found.status == "FAILED"
    message = json.loads(found.result)["error"]["message"]
    assert kept in message
    assert kept in str(execution.properties["error"])
    assert len(message) <= 16_000
    assert not list((workspace.root / ".staging").iterdir())
    assert not (workspace.root / "Reader").exists()
