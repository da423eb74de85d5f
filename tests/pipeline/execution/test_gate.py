"""A gate: an input that must exist before a component runs, but is not part of its cache key."""

import io
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, gate, output
from pipeline.core.graph import Pipeline
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import Workspace
from tests.support.toy import Numbers, Reader, Summer, Total, toy_pipeline


@dataclass(frozen=True, kw_only=True)
class Gated(Component):
    numbers: Channel[Numbers]
    checked: Channel[Total] = gate()
    copy: Channel[Numbers] = output(Numbers)

    def run(self, io: IO) -> None:
        io[self.copy].write(io[self.numbers].read())


def test_a_gate_must_exist_and_is_not_a_reason_to_run_again(tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("1 2 3")
    workspace = Workspace.open(tmp_path / "root")

    def statuses(factor: int, stumble: str = "") -> dict[str, str]:
        toy = toy_pipeline(file, factor, stumble)
        reader, summer = toy["Reader"], toy["Summer"]
        assert isinstance(reader, Reader)
        assert isinstance(summer, Summer)
        pipeline = Pipeline.of("toy", [*toy.components, Gated(numbers=reader.numbers, checked=summer.total)])
        done = run(pipeline, workspace, RunOptions(), tmp_path, io.StringIO(), lambda _: {})
        return {outcome.component: outcome.status.value for outcome in done.outcomes}

    assert statuses(2)["Gated"] == "EXECUTED"
    again = statuses(3)
    assert (again["Summer"], again["Gated"]) == ("EXECUTED", "CACHED")
    failed = statuses(4, "stumbles")
    assert (failed["Summer"], failed["Gated"]) == ("FAILED", "SKIPPED")
