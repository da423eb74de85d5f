"""The newsroom as a program: `python newsroom_app.py [COMMAND] [flags]`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from absl import flags

from components.app.summary import describe_run, result_lines
from components.report import make_report
from pipeline.cli import command_line
from pipeline.cli.application import Application, Built, Command
from pipeline.core.artifact import Scalar
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, Summary
from pipeline.storage.workspace import Workspace
from tests.support.newsroom import (  # fmt: skip
    Evaluator,
    ExampleValidator,
    InfraValidator,
    Ingestion,
    Pusher,
    ReferenceModel,
    StatisticsGen,
    Trainer,
)


class NewsroomApp(Application):
    script = Path(__file__).resolve()
    machine: ClassVar = {"threads": 2}
    listed_settings: ClassVar = {"Dataset": "dataset"}
    result_keys = ("metrics",)
    commands: ClassVar = {"report": Command("components.report.command", "[RUN]", 0, 1, "the report of a run")}

    def define_flags(self, values: flags.FlagValues) -> None:
        flags.DEFINE_string("dataset", "newsroom", "which", flag_values=values)
        flags.DEFINE_integer("classes", 8, "topics", flag_values=values)
        flags.DEFINE_float("rate", 0.001, "learning rate", flag_values=values)
        flags.DEFINE_integer("epochs", 10, "epochs", flag_values=values)
        flags.DEFINE_boolean("stumble", False, "fail in training", flag_values=values)
        flags.DEFINE_boolean("all", False, "report: all runs", flag_values=values)
        flags.DEFINE_string("output", None, "report: file", flag_values=values)

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        if keep:
            Workspace.open(Path(values.pipeline_root).absolute())
        ingestion = Ingestion(classes=values.classes)
        statistics = StatisticsGen(examples=ingestion.examples)
        validator = ExampleValidator(statistics=statistics.statistics)
        reference = ReferenceModel(examples=ingestion.examples)
        trainer = Trainer(
            examples=ingestion.examples, learning_rate=values.rate, epochs=values.epochs, stumble=values.stumble
        )
        evaluator = Evaluator(examples=ingestion.examples, model=trainer.model, learning_rate=values.rate)
        infra = InfraValidator(model=trainer.model)
        pusher = Pusher(model=trainer.model, blessing=evaluator.blessing, infra_blessing=infra.blessing)
        settings = {name: getattr(values, name) for name in ("classes", "rate", "epochs", "stumble")}
        data = [ingestion, statistics, validator, reference]
        pipeline = Pipeline.of("newsroom", [*data, trainer, evaluator, infra, pusher])
        return Built(pipeline, {"dataset": "newsroom", **settings}, "newsroom")

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        return {"dataset": settings["dataset"], **describe_run(root, outcomes)}

    def result_lines(self, summary: Summary) -> list[str]:
        return result_lines(summary)

    def report(self, workspace: Workspace, run_id: str) -> tuple[Path, list[str]]:
        return make_report(workspace, run_id)


APP = NewsroomApp()


if __name__ == "__main__":
    command_line.console(APP)
