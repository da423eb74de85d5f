"""Refit's command line: `python run_local.py [COMMAND] [flags]`. Flags → RunConfig → build_pipeline → command."""

import sys
from pathlib import Path

from absl import flags

from components.app.commands import COMMANDS, EXAMPLES
from components.app.config import RunConfig, make_config, settings_of
from components.app.doctor import run_checks
from components.app.evaluation_flags import check_task
from components.app.files_flags import files_why, span_series
from components.app.flags import DATASETS, data_dir, define_flags
from components.app.summary import describe_run, shortfall
from components.evaluator import Evaluator
from components.example_validator import ExampleValidator
from components.infra_validator import InfraValidator
from components.ingestion import Ingestion
from components.ingestion.choice import choose_dataset
from components.preprocessing import Preprocessing
from components.pusher import Pusher
from components.pusher.record import in_use
from components.report import make_report
from components.schema_gen import SchemaGen
from components.shared.determinism import THREADS
from components.statistics_gen import StatisticsGen
from components.trainer import Trainer
from pipeline.cli import command_line
from pipeline.cli.application import App, Built
from pipeline.core.graph import Pipeline
from pipeline.storage.workspace import Workspace


def build_pipeline(config: RunConfig) -> Pipeline:
    """The pipeline, whole."""
    ingestion = Ingestion(
        source=config.dataset, files=config.files, validation_fraction=config.validation_fraction, seed=config.seed,
        data_dir=config.data_dir, work_dir=Workspace(config.pipeline_root).data, offline=config.offline,
    )  # fmt: skip
    statistics_gen = StatisticsGen(examples=ingestion.examples, max_len=config.max_len, max_words=config.max_words)
    schema_gen = SchemaGen(statistics=statistics_gen.statistics, source=config.dataset, given=config.checks.schema)
    example_validator = ExampleValidator(
        statistics=statistics_gen.statistics, schema=schema_gen.schema, limits=config.checks.limits,
        drift_rate=config.checks.drift_rate, stop_on=config.checks.stop_on, tolerate=config.checks.tolerate,
    )  # fmt: skip
    preprocessing = Preprocessing(
        examples=ingestion.examples, anomalies=example_validator.anomalies, max_len=config.max_len,
        max_words=config.max_words, vocabulary_splits=config.vocabulary_splits,
    )  # fmt: skip
    trainer = Trainer(
        transformed=preprocessing.transformed, transform_graph=preprocessing.transform_graph,
        build_style=config.build_style, loop_style=config.loop_style, epochs=config.epochs,
        batch_size=config.batch_size, learning_rate=config.learning_rate, lr_halve_epoch=config.lr_halve_epoch,
        patience=config.patience, validate_on=config.validate_on, memory_budget_mb=config.memory_budget_mb,
        seed=config.seed, warm_start=config.warm_start,
    )  # fmt: skip
    evaluator = Evaluator(
        examples=ingestion.examples, transformed=preprocessing.transformed, model=trainer.model,
        thresholds=config.thresholds, slices=config.slices, seed=config.seed,
    )  # fmt: skip
    infra_validator = InfraValidator(
        model=trainer.model, examples=ingestion.examples, transform_graph=preprocessing.transform_graph
    )
    pusher = Pusher(
        model=trainer.model, blessing=evaluator.blessing, infra_blessing=infra_validator.blessing,
        served_as=config.served_as, serving_dir=config.serving_dir, pipeline_root=config.pipeline_root,
    )  # fmt: skip
    to_serve = [infra_validator, pusher] if config.push else []
    data = [ingestion, statistics_gen, schema_gen, example_validator, preprocessing]
    return Pipeline.of("refit", [*data, trainer, evaluator, *to_serve])


def build(values: flags.FlagValues, keep: bool) -> Built:
    """The pipeline of these flags; `keep`: the choice of `--dataset=auto` is written into the pipeline root."""
    first = next(iter(DATASETS)) if values.dataset == "auto" else values.dataset
    build_pipeline(make_config(values, first))  # a mistake is told before the network is asked or a folder made
    root = Path(values.pipeline_root).absolute()
    workspace = Workspace.open(root) if keep else Workspace(root)
    dataset, why = choose_dataset(values.dataset, root, workspace.data, data_dir(values), values.offline, keep)
    config = make_config(values, dataset)
    check_task(config.thresholds, dataset)
    settings = {"preset": values.preset, **settings_of(config)}
    return Built(build_pipeline(config), settings, files_why(config.files) or why)


APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=("data_dir", "offline", "source"),
    series=span_series,
    describe=describe_run,
    shortfall=shortfall,
    machine={"threads": THREADS},
    marks=in_use,
    targets=("serving_dir",),
    checks=lambda values: run_checks(data_dir(values), Workspace(Path(values.pipeline_root).absolute()).data),
    version="0.1.0",
    examples=EXAMPLES,
    commands=COMMANDS,
    report=make_report,
)


def main(argv: list[str]) -> int:
    """Runs a command line and returns its exit code."""
    return command_line.main(APP, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
