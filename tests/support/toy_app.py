"""The toy pipeline as a program, to see the commands at work: `python -m tests.support.toy_app [COMMAND] [flags]`."""

import sys
from pathlib import Path

from absl import flags

from pipeline.cli import command_line
from pipeline.cli.application import App, Built, Check, Command
from pipeline.storage.workspace import Workspace
from tests.support.toy import toy_pipeline


def define_flags(values: flags.FlagValues) -> None:
    flags.DEFINE_string("file", "numbers.txt", "what is read", flag_values=values)
    flags.DEFINE_integer("factor", 2, "what it is multiplied by", flag_values=values)
    flags.DEFINE_string("stumble", "", "how it fails", flag_values=values)


def build(values: flags.FlagValues, keep: bool) -> Built:
    if keep:
        Workspace.open(Path(values.pipeline_root).absolute())
    settings = {name: getattr(values, name) for name in ("file", "factor", "stumble")}
    return Built(toy_pipeline(Path(values.file), values.factor, values.stumble), settings, "toy")


APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=("file",),
    describe=lambda _, outcomes: {"metrics": {"made": len([o for o in outcomes if o.ok]), "half": 0.5}},
    machine={"threads": 2},
    checks=lambda _: [Check("toys", True, "all there")],
    commands={"count": Command("tests.support.toy_count", "[RUN]", 0, 1, "how many numbers a run read")},
)


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
