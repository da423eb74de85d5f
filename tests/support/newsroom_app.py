"""The newsroom as a program: `python newsroom_app.py [COMMAND] [flags]`."""

import sys
from pathlib import Path

from absl import flags

from components.app.summary import describe_run
from components.report import make_report
from pipeline.cli import command_line
from pipeline.cli.application import App, Built, Command
from pipeline.core.graph import Pipeline
from pipeline.storage.workspace import Workspace
from tests.support.newsroom import (  # fmt: skip
    Evaluator,
    ExampleValidator,
    InfraValidator,
    Ingestion,
    Pusher,
    StatisticsGen,
    Trainer,
)


def build(values: flags.FlagValues, keep: bool) -> Built:
    if keep:
        Workspace.open(Path(values.pipeline_root).absolute())
    ingestion = Ingestion(classes=values.classes)
    statistics = StatisticsGen(examples=ingestion.examples)
    validator = ExampleValidator(statistics=statistics.statistics)
    trainer = Trainer(
        examples=ingestion.examples, learning_rate=values.rate, epochs=values.epochs, stumble=values.stumble
    )
    evaluator = Evaluator(examples=ingestion.examples, model=trainer.model, learning_rate=values.rate)
    infra = InfraValidator(model=trainer.model)
    pusher = Pusher(model=trainer.model, blessing=evaluator.blessing, infra_blessing=infra.blessing)
    settings = {name: getattr(values, name) for name in ("classes", "rate", "epochs", "stumble")}
    pipeline = Pipeline.of("newsroom", [ingestion, statistics, validator, trainer, evaluator, infra, pusher])
    return Built(pipeline, {"dataset": "newsroom", **settings}, "newsroom")


def define_flags(values: flags.FlagValues) -> None:
    flags.DEFINE_string("dataset", "newsroom", "which", flag_values=values)
    flags.DEFINE_integer("classes", 8, "topics", flag_values=values)
    flags.DEFINE_float("rate", 0.001, "learning rate", flag_values=values)
    flags.DEFINE_integer("epochs", 10, "epochs", flag_values=values)
    flags.DEFINE_boolean("stumble", False, "fail in training", flag_values=values)
    flags.DEFINE_boolean("all", False, "report: all runs", flag_values=values)


APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=(),
    describe=describe_run,
    machine={"threads": 2},
    checks=lambda _: [],
    commands={"report": Command("components.report.command", "[RUN]", 0, 1, "the report of a run")},
    report=make_report,
)


if __name__ == "__main__":
    sys.exit(command_line.main(APP, sys.argv))
