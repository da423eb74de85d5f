"""A pipeline that makes up a model and its blessings, and pushes it: `python toy_serving.py [COMMAND] [flags]`."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.app.commands import COMMANDS
from components.app.serving_flags import define_serving_flags, serving_dir
from components.app.summary import describe_run
from components.pusher import Pusher
from components.pusher.record import in_use
from pipeline.cli import command_line
from pipeline.cli.application import App, Built
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.graph import Pipeline
from pipeline.storage.workspace import Workspace
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing


@dataclass(frozen=True, kw_only=True)
class Maker(Component):
    """Stands in for trainer, evaluator and infra validator."""

    content: str
    refused_by: str = ""
    model: Channel[Model] = output(Model)
    blessing: Channel[ModelBlessing] = output(ModelBlessing)
    infra_blessing: Channel[InfraBlessing] = output(InfraBlessing)

    def run(self, io: IO) -> None:
        model = io[self.model]
        variables = model.path / Model.SERVING / "variables"
        variables.mkdir(parents=True)
        (variables / "variables.index").write_text(self.content)
        (model.path / Model.SERVING / "saved_model.pb").write_text("graph")
        for name in ("timing.json", "history.json"):
            (model.path / name).write_text(json.dumps({"epochs": []}))
        (model.path / "specs.json").write_text(self.content)
        model.properties.update(parameters=1, best_epoch=1, weights_sha256=self.content)
        io[self.blessing].properties.update(blessed=int(self.refused_by != "model"), reason="accuracy 0.1, below 0.5")
        io[self.infra_blessing].properties.update(blessed=int(self.refused_by != "infra"), reason="it cannot be loaded")


def define_flags(values: flags.FlagValues) -> None:
    flags.DEFINE_string("file", "", "not read", flag_values=values)
    flags.DEFINE_string("content", "first", "what the model is", flag_values=values)
    flags.DEFINE_string("name", "toy", "what it is served as", flag_values=values)
    flags.DEFINE_string("refused_by", "", "which blessing it is refused: model or infra", flag_values=values)
    define_serving_flags(values)


def build(values: flags.FlagValues, keep: bool) -> Built:
    root = Path(values.pipeline_root).absolute()
    maker = Maker(content=values.content, refused_by=values.refused_by)
    pusher = Pusher(
        model=maker.model,
        blessing=maker.blessing,
        infra_blessing=maker.infra_blessing,
        served_as=values.name,
        serving_dir=serving_dir(values),
        pipeline_root=root,
    )
    if keep:
        Workspace.open(root)
    settings = {name: getattr(values, name) for name in ("content", "refused_by", "name")}
    named = {"serving_dir": serving_dir(values)} if values.serving_dir else {}
    return Built(Pipeline.of("toy", [maker, pusher]), {**settings, **named}, "toy")


APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=("file",),
    describe=describe_run,
    machine={},
    checks=lambda _: [],
    commands=COMMANDS,
    marks=in_use,
    targets=("serving_dir",),
)


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
