"""A pipeline that pushes a fake model with fake blessings: `python toy_serving.py [COMMAND] [flags]`."""

import io as io_
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
from absl import flags

from components.app.commands import COMMANDS
from components.app.summary import describe_run, result_lines
from components.pusher import Pusher
from components.pusher.free_versions import free_versions
from components.pusher.record import in_use
from components.pusher.settings import PusherSettings
from components.shared.model_history import was_blessed
from components.shared.pushes import pushes_in_use
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
from schemas.contracts.blessing import Blessing
from schemas.contracts.encode import write
from schemas.contracts.training import History, ServingAbout, TrainingTime


@dataclass(frozen=True, kw_only=True)
class Maker(Component):
    """Replaces Trainer, Evaluator and InfraValidator."""

    content: str
    refused_by: str = ""
    labels: tuple[str, ...] = ("no", "yes")
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
        with zipfile.ZipFile(model.path / Model.KERAS_FILE, "w") as archive:
            archive.writestr("config.json", "{}")
            h5py.File(weights := io_.BytesIO(), "w").close()
            archive.writestr("model.weights.h5", weights.getvalue())
        write(model.path / ServingAbout.FILE, ServingAbout(topics=self.labels, max_len=1, vocabulary_sha256="0" * 64))
        write(io[self.blessing].path / Blessing.FILE, self._blessing())
        model.properties.update(parameters=1, best_epoch=1, build_style="none", weights_sha256=self.content)
        io[self.blessing].properties.update(blessed=int(self.refused_by != "model"), reason="accuracy 0.1, below 0.5")
        io[self.infra_blessing].properties.update(blessed=int(self.refused_by != "infra"), reason="it cannot be loaded")

    def _blessing(self) -> Blessing:
        return Blessing(
            blessed=self.refused_by != "model", verdict="first", reason="it is", warnings=(), checks=(), baseline=None,
            best=None, best_so_far=True, label_examples=dict.fromkeys(self.labels, 10), per_class_regressions=(),
            churn=None,
        )  # fmt: skip


class ServingApp(Application):
    script = Path(__file__).resolve()
    places = ("file",)
    targets = ("serving_dir",)
    commands = COMMANDS

    def define_flags(self, values: flags.FlagValues) -> None:
        flags.DEFINE_string("file", "", "not read", flag_values=values)
        flags.DEFINE_string("content", "first", "content of the model", flag_values=values)
        flags.DEFINE_string("name", "toy", "name of the served model", flag_values=values)
        flags.DEFINE_list("labels", ["no", "yes"], "labels of the model", flag_values=values)
        flags.DEFINE_enum("push", "always", ["always", "better"], "what is pushed", flag_values=values)
        flags.DEFINE_boolean("allow_new_labels", False, "push other labels", flag_values=values)
        flags.DEFINE_boolean("allow_lost_labels", False, "push fewer labels", flag_values=values)
        flags.DEFINE_string("refused_by", "", "blessing that is refused: model or infra", flag_values=values)
        flags.DEFINE_string("serving_dir", None, "serving folder", flag_values=values)
        flags.DEFINE_string("why", "", "reason of a rollback", flag_values=values, module_name="rollback")
        flags.DEFINE_string("output", None, "file of the page", flag_values=values, module_name="report")
        flags.DEFINE_boolean("all", False, "an index", flag_values=values, module_name="report")
        flags.DEFINE_boolean("keep_blessed", False, "also keep blessed runs", flag_values=values, module_name="gc")

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        root = Path(values.pipeline_root).absolute()
        settings = read_settings(values, PusherSettings, {"push": values.push}, served_as=values.name)
        maker = Maker(content=values.content, refused_by=values.refused_by, labels=tuple(values.labels))
        pusher = Pusher(
            settings=settings,
            model=maker.model,
            blessing=maker.blessing,
            infra_blessing=maker.infra_blessing,
            pipeline_root=root,
        )
        if keep:
            Workspace.open(root)
        recorded = {name: getattr(values, name) for name in ("content", "refused_by", "name", "push")}
        recorded["labels"] = ",".join(values.labels)
        named = {"serving_dir": settings.serving_dir} if values.serving_dir else {}
        return Built(Pipeline.of("toy", [maker, pusher]), {**recorded, **named}, "toy")

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        return describe_run(root, outcomes)

    def result_lines(self, summary: Summary) -> list[str]:
        return result_lines(summary)

    def marks(self, root: Path, store: MetadataStore) -> Mapping[str, str]:
        return in_use(root, store)

    def free(self, workspace: Workspace, store: MetadataStore, kept: Collection[str], dry_run: bool) -> dict[str, int]:
        return {"versions": free_versions(workspace.root, store, kept, dry_run)}

    def keeps(self, values: flags.FlagValues, store: MetadataStore) -> Callable[[str], bool]:
        in_use = {push.run_id for push in pushes_in_use(store)}
        return lambda run_id: run_id in in_use or (bool(values.keep_blessed) and was_blessed(store, run_id))


APP = ServingApp()


if __name__ == "__main__":
    command_line.console(APP)
