"""The toy pipeline with a component that compares its total with one of an earlier run, as a program."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from absl import flags  # noqa: E402
from toy import Summer, Total, toy_pipeline  # noqa: E402
from toy_app import APP as PLAIN  # noqa: E402
from toy_app import build as build_plain  # noqa: E402

from pipeline import command_line  # noqa: E402
from pipeline.application import Built  # noqa: E402
from pipeline.artifact import Channel  # noqa: E402
from pipeline.component import IO, Component, output  # noqa: E402
from pipeline.earlier import Earlier, earlier  # noqa: E402
from pipeline.graph import Pipeline  # noqa: E402
from pipeline.store import ArtifactRecord, MetadataStore  # noqa: E402


def best_total(
    store: MetadataStore, component: Component, inputs: Mapping[str, ArtifactRecord]
) -> ArtifactRecord | None:
    """The newest total that a Judge found good, other than that which is judged."""
    for execution in store.recent(component.name, 50):
        maker = store.producer(execution.inputs["total"])
        made = maker.outputs["total"] if maker else None
        if made and made.live and made.digest != inputs["total"].digest:
            return made
    return None


@dataclass(frozen=True, kw_only=True)
class Judge(Component):
    total: Channel[Total]
    baseline: Earlier[Total] = earlier(Total, best_total)
    verdict: Channel[Total] = output(Total)

    def run(self, io: IO) -> None:
        before = io.earlier(self.baseline)
        told = (before.path / "total.txt").read_text() if before else "nothing"
        (io[self.verdict].path / "verdict.txt").write_text(f"{(io[self.total].path / 'total.txt').read_text()}>{told}")


def build(values: flags.FlagValues, keep: bool) -> Built:
    built = build_plain(values, keep)
    plain = toy_pipeline(Path(values.file), values.factor, values.stumble)
    summer = plain["Summer"]
    assert isinstance(summer, Summer)
    return replace(built, pipeline=Pipeline.of("toy", [*plain.components, Judge(total=summer.total)]))


APP = replace(PLAIN, script=HERE, build=build)


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
