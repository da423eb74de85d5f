"""`Component.prepare`: when it is called, what `run` gets, and that it is always closed."""

import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from pipeline.caching.selection import Selection
from pipeline.core.component import IO
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import Workspace
from tests.support.paths import PROJECT
from tests.support.toy import Scaler, Summer, toy_pipeline

ONCE = ["Plain: started", "Summer: started"]
CLOSED = ["Summer: closed", "Plain: closed"]


@pytest.mark.parametrize(
    ("first", "second", "stop", "events"),
    [
        pytest.param(None, {}, "", [*ONCE, "Plain: used", "Summer: used", *CLOSED], id="first run"),
        pytest.param({}, {}, "", [], id="everything cached"),
        pytest.param(
            {}, {"factor": 3}, "", ["Summer: started", "Summer: used", "Summer: closed"], id="an upstream one runs"
        ),
        pytest.param({}, {"stumble": "good"}, "", ["Summer: used by itself"], id="itself runs, with known inputs"),
        pytest.param(None, {}, "Scaler", [], id="not selected"),
        pytest.param(None, {"factor": 0}, "", [*ONCE, "Plain: used", *CLOSED], id="an upstream one fails"),
    ],
)
def test_prepare(
    first: dict[str, int | str] | None,
    second: dict[str, int | str],
    stop: str,
    events: Sequence[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    summed, scaled = Summer.run, Scaler.run

    def prepare(self: Summer) -> AbstractContextManager[object]:
        @contextmanager
        def started() -> Iterator[str]:
            seen.append(f"{self.name}: started")
            try:
                yield self.name
            finally:
                seen.append(f"{self.name}: closed")

        return started()

    def use(self: Summer, io: IO) -> None:
        assert io.prepared in (None, self.name)
        seen.append(f"{self.name}: used{'' if io.prepared else ' by itself'}")
        summed(self, io)

    def fail_on_zero(self: Scaler, io: IO) -> None:
        if not self.factor:
            raise ValueError("0")
        scaled(self, io)

    monkeypatch.setattr(Summer, "prepare", prepare)
    monkeypatch.setattr(Summer, "run", use)
    monkeypatch.setattr(Scaler, "run", fail_on_zero)
    file, workspace = tmp_path / "numbers.txt", Workspace.open(tmp_path / "root")
    file.write_text("1 2 3")
    for settings in [] if first is None else [first]:
        run(toy_pipeline(file, **settings), workspace, RunOptions(), PROJECT, io.StringIO(), lambda _: {})  # type: ignore[arg-type]
    seen.clear()
    pipeline = toy_pipeline(file, **second)  # type: ignore[arg-type]
    selection = Selection.of(pipeline, stop=[stop] if stop else [])
    run(pipeline, workspace, RunOptions(selection=selection), PROJECT, io.StringIO(), lambda _: {})
    assert seen == list(events)
