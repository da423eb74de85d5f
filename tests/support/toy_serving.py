"""A pipeline that pushes a fake model with fake blessings: `python toy_serving.py [COMMAND] [flags]`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.app.commands import COMMANDS
from components.app.summary import describe_run, result_lines
from components.pusher import Pusher
from components.pusher.record import in_use
from components.pusher.settings import PusherSettings
from components.shared.blessed_models import was_blessed
from pipeline.cli import command_line
from pipeline.cli.application import Application, Built
from pipeline.cli.settings_flags import read_settings
from pipeline.core.artifact import Channel, Scalar
from pipeline.core.component import IO, Component, output
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import MetadataStore
from pipeline.storage.workspace import Workspace
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing
from schemas.contracts.encode import write
from schemas.contracts.training import History, TrainingTime


@dataclass(frozen=True, kw_only=True)
class Maker(Component):
    """Replaces Trainer, Evaluator and InfraValidator."""

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
        write(model.path / TrainingTime.FILE, TrainingTime(epochs=()))
        write(model.path / History.FILE, History(best_epoch=1, epochs=()))
        (model.path / "specs.json").write_text(self.content)
        model.properties.update(parameters=1, best_epoch=1, weights_sha256=self.content)
        io[self.blessing].properties.update(blessed=int(self.refused_by != "model"), reason="accuracy 0.1, below 0.5")
        io[self.infra_blessing].properties.update(blessed=int(self.refused_by != "infra"), reason="it cannot be loaded")


class ServingApp(Application):
    script = Path(__file__).resolve()
    places = ("file",)
    targets = ("serving_dir",)
    commands = COMMANDS

    def define_flags(self, values: flags.FlagValues) -> None:
        flags.DEFINE_string("file", "", "not read", flag_values=values)
        flags.DEFINE_string("content", "first", "content of the model", flag_values=values)
        flags.DEFINE_string("name", "toy", "name of the served model", flag_values=values)
        flags.DEFINE_string("refused_by", "", "blessing that is refused: model or infra", flag_values=values)
        flags.DEFINE_string("serving_dir", None, "serving folder", flag_values=values)
        flags.DEFINE_string("why", "", "reason of a rollback", flag_values=values, module_name="rollback")
        flags.DEFINE_boolean("keep_blessed", False, "also keep blessed runs", flag_values=values, module_name="gc")

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        root = Path(values.pipeline_root).absolute()
        settings = read_settings(values, PusherSettings, {}, served_as=values.name)
        maker = Maker(content=values.content, refused_by=values.refused_by)
        pusher = Pusher(
            settings=settings,
            model=maker.model,
            blessing=maker.blessing,
            infra_blessing=maker.infra_blessing,
            pipeline_root=root,
        )
        if keep:
            Workspace.open(root)
        recorded = {name: getattr(values, name) for name in ("content", "refused_by", "name")}
        named = {"serving_dir": settings.serving_dir} if values.serving_dir else {}
        return Built(Pipeline.of("toy", [maker, pusher]), {**recorded, **named}, "toy")

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        return describe_run(root, outcomes)

    def result_lines(self, summary: Summary) -> list[str]:
        return result_lines(summary)

    def marks(self, root: Path, store: MetadataStore) -> Mapping[str, str]:
        return in_use(root, store)

    def keeps(self, values: flags.FlagValues, store: MetadataStore, run_id: str) -> bool:
        return bool(values.keep_blessed) and was_blessed(store, run_id)


APP = ServingApp()


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
