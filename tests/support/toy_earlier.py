"""A program: the toy pipeline with a component that compares its total with the total of an earlier run."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from pipeline.cli import command_line
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import Asking, EarlierArtifact, earlier_artifact
from pipeline.core.graph import Pipeline
from pipeline.core.records import ArtifactRecord, MetadataStore
from tests.support.toy import Summer, Total
from tests.support.toy_app import ToyApp


def best_total(store: MetadataStore, asking: Asking, inputs: Mapping[str, ArtifactRecord]) -> ArtifactRecord | None:
    """Returns the newest total that a Judge found good, except the total to judge."""
    for execution in store.recent(asking.component, 50):
        maker = store.producer(execution.inputs["total"])
        made = maker.outputs["total"] if maker else None
        if made and made.live and made.digest != inputs["total"].digest:
            return made
    return None


@dataclass(frozen=True, kw_only=True)
class Judge(Component):
    total: Channel[Total]
    baseline: EarlierArtifact[Total] = earlier_artifact(Total, best_total)
    verdict: Channel[Total] = output(Total)

    def run(self, io: IO) -> None:
        before = io.earlier(self.baseline)
        result = (before.path / "total.txt").read_text() if before else "nothing"
        (io[self.verdict].path / "verdict.txt").write_text(
            f"{(io[self.total].path / 'total.txt').read_text()}>{result}"
        )


class JudgingApp(ToyApp):
    script = Path(__file__).resolve()

    def pipeline(self, values: flags.FlagValues) -> Pipeline:
        plain = super().pipeline(values)
        summer = plain["Summer"]
        assert isinstance(summer, Summer)
        return Pipeline.of("toy", [*plain.components, Judge(total=summer.total)])


APP = JudgingApp()


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
