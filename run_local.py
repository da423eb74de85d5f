"""Refit's command line: `python run_local.py [COMMAND] [flags]`. Flags → RunConfig → build_pipeline → command."""

import sys
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.data_flags import DataChecks, data_checks, data_settings
from components.evaluation_flags import check_task, thresholds_of
from components.evaluator import Evaluator
from components.example_validator import ExampleValidator
from components.files_flags import files_settings, files_spec, files_why, span_series
from components.ingestion import Ingestion
from components.ingestion.choice import choose_dataset
from components.ingestion.files.spec import FilesSpec
from components.preprocessing import Preprocessing
from components.run_checks import run_checks
from components.run_flags import DATASETS, SETTINGS, data_dir, define_flags
from components.run_summary import describe_run, shortfall
from components.schema_gen import SchemaGen
from components.statistics_gen import StatisticsGen
from components.trainer import Trainer
from components.trainer.specs import check_max_len
from pipeline import command_line
from pipeline.application import App, Built
from pipeline.graph import Pipeline
from pipeline.workspace import Workspace
from schemas.runtime import THREADS


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything that decides what a run makes, and where it finds and puts things."""

    dataset: str
    files: FilesSpec | None
    max_len: int
    max_words: int
    build_style: str
    loop_style: str
    epochs: int
    batch_size: int
    learning_rate: float
    lr_halve_epoch: int
    patience: int
    validation_fraction: float
    validate_on: str
    vocabulary_splits: tuple[str, ...]
    memory_budget_mb: int
    seed: int
    warm_start: str
    checks: DataChecks
    data_dir: Path
    pipeline_root: Path
    offline: bool
    thresholds: str
    slices: str


def build_pipeline(config: RunConfig) -> Pipeline:
    """The pipeline, whole."""
    ingestion = Ingestion(
        source=config.dataset,
        files=config.files,
        validation_fraction=config.validation_fraction,
        seed=config.seed,
        data_dir=config.data_dir,
        work_dir=Workspace(config.pipeline_root).data,
        offline=config.offline,
    )
    statistics_gen = StatisticsGen(examples=ingestion.examples, max_len=config.max_len, max_words=config.max_words)
    schema_gen = SchemaGen(statistics=statistics_gen.statistics, source=config.dataset, given=config.checks.schema)
    example_validator = ExampleValidator(
        statistics=statistics_gen.statistics,
        schema=schema_gen.schema,
        limits=config.checks.limits,
        drift_rate=config.checks.drift_rate,
        stop_on=config.checks.stop_on,
        tolerate=config.checks.tolerate,
    )
    preprocessing = Preprocessing(
        examples=ingestion.examples,
        anomalies=example_validator.anomalies,
        max_len=config.max_len,
        max_words=config.max_words,
        vocabulary_splits=config.vocabulary_splits,
    )
    trainer = Trainer(
        transformed=preprocessing.transformed,
        transform_graph=preprocessing.transform_graph,
        build_style=config.build_style,
        loop_style=config.loop_style,
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        lr_halve_epoch=config.lr_halve_epoch,
        patience=config.patience,
        validate_on=config.validate_on,
        memory_budget_mb=config.memory_budget_mb,
        seed=config.seed,
        warm_start=config.warm_start,
    )
    evaluator = Evaluator(
        examples=ingestion.examples,
        transformed=preprocessing.transformed,
        model=trainer.model,
        thresholds=config.thresholds,
        slices=config.slices,
        seed=config.seed,
    )
    data = [ingestion, statistics_gen, schema_gen, example_validator, preprocessing]
    return Pipeline.of("refit", [*data, trainer, evaluator])


def make_config(values: flags.FlagValues, dataset: str) -> RunConfig:
    """Flags and the defaults of a data set, as one value. Raises ConfigError for what cannot work."""
    notebook = values.preset == "notebook"
    max_len, max_words = DATASETS[dataset]
    config = RunConfig(
        dataset=dataset,
        files=files_spec(values, dataset),
        max_len=max_len if values.max_len is None else values.max_len,
        max_words=max_words if values.max_words is None else values.max_words,
        patience=(0 if notebook else 3) if values.patience is None else values.patience,
        validation_fraction=0.0 if notebook else 0.1,
        validate_on="test" if notebook else "validation",
        vocabulary_splits=("train", "test") if notebook else ("train",),
        checks=data_checks(values),
        data_dir=data_dir(values),
        pipeline_root=Path(values.pipeline_root).absolute(),
        thresholds=thresholds_of(values),
        **{name: getattr(values, name) for name in SETTINGS},
    )
    check_max_len(config.build_style, config.max_len)
    build_pipeline(config)  # whose components check the rest
    return config


def build(values: flags.FlagValues, keep: bool) -> Built:
    """The pipeline of these flags; `keep`: the choice of `--dataset=auto` is written into the pipeline root."""
    first = next(iter(DATASETS)) if values.dataset == "auto" else values.dataset
    make_config(values, first)  # a mistake is told before the network is asked or a folder made
    root = Path(values.pipeline_root).absolute()
    workspace = Workspace.open(root) if keep else Workspace(root)
    dataset, why = choose_dataset(values.dataset, root, workspace.data, data_dir(values), values.offline, keep)
    config = make_config(values, dataset)
    check_task(config.thresholds, dataset)
    resolved = {"dataset": dataset, "preset": values.preset, "data_dir": str(config.data_dir)}
    settings = {name: getattr(config, name) for name in (*SETTINGS, "max_len", "max_words", "patience", "thresholds")}
    settings |= {**files_settings(config.files), **data_settings(config.checks)}
    return Built(build_pipeline(config), {**resolved, **settings}, files_why(config.files) or why)


EXAMPLES = (
    ("", "train on Reuters, or on the bundled sample where that cannot be had"),
    ("run --dataset=imdb --build_style=functional", "another data set and another model"),
    ("run --from=Trainer --loop_style=custom --quiet", "train again and measure; nothing before it runs"),
    ("plan --learning_rate=0.01", "what would run with another learning rate, and how long that takes"),
    ("explain latest Trainer", "why the last run trained"),
    ("verify latest", "do the last run again elsewhere and compare the bits"),
)

APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=("data_dir", "offline", "source"),
    series=span_series,
    describe=describe_run,
    shortfall=shortfall,
    machine={"threads": THREADS},
    checks=lambda values: run_checks(data_dir(values), Workspace(Path(values.pipeline_root).absolute()).data),
    version="0.1.0",
    examples=EXAMPLES,
)


def main(argv: list[str]) -> int:
    """Runs a command line and returns its exit code."""
    return command_line.main(APP, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
