"""Refit's command line: `python run_local.py [COMMAND] [flags]`. Flags → RunConfig → build_pipeline → command."""

import sys
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.evaluation_flags import check_task, thresholds_of
from components.evaluator import Evaluator
from components.files_flags import files_settings, files_spec, files_why, span_series
from components.infra_validator import InfraValidator
from components.ingestion import Ingestion
from components.ingestion.choice import choose_dataset
from components.ingestion.files.spec import FilesSpec
from components.preprocessing import Preprocessing
from components.pusher import SERVING_DIR, Pusher
from components.pusher.record import in_use
from components.report import make_report
from components.run_checks import run_checks
from components.run_commands import COMMANDS, EXAMPLES
from components.run_flags import DATASETS, SETTINGS, data_dir, define_flags
from components.run_summary import describe_run, shortfall
from components.serving_flags import serving_dir
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
    data_dir: Path
    pipeline_root: Path
    offline: bool
    push: bool
    served_as: str
    serving_dir: str
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
    preprocessing = Preprocessing(
        examples=ingestion.examples,
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
    infra_validator = InfraValidator(
        model=trainer.model, examples=ingestion.examples, transform_graph=preprocessing.transform_graph
    )
    pusher = Pusher(
        model=trainer.model,
        blessing=evaluator.blessing,
        infra_blessing=infra_validator.blessing,
        served_as=config.served_as,
        serving_dir=config.serving_dir,
        pipeline_root=config.pipeline_root,
    )
    to_serve = [infra_validator, pusher] if config.push else []
    return Pipeline.of("refit", [ingestion, preprocessing, trainer, evaluator, *to_serve])


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
        data_dir=data_dir(values),
        pipeline_root=Path(values.pipeline_root).absolute(),
        served_as=values.served_as or dataset,
        serving_dir=serving_dir(values) if values.push else SERVING_DIR,
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
    resolved |= {"serving_dir": config.serving_dir} if values.serving_dir else {}
    settings = {
        name: getattr(config, name)
        for name in (*SETTINGS, "max_len", "max_words", "patience", "thresholds", "served_as")
    }
    settings |= files_settings(config.files)
    return Built(build_pipeline(config), {**resolved, **settings}, files_why(config.files) or why)


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
