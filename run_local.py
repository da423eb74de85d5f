"""Refit's command line: `python run_local.py [COMMAND] [flags]`. Flags → RunConfig → build_pipeline → command."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.evaluator import Evaluator
from components.ingestion import Ingestion
from components.ingestion.choice import choose_dataset
from components.preprocessing import Preprocessing
from components.run_checks import run_checks
from components.run_summary import describe_run
from components.trainer import Trainer
from components.trainer.specs import BUILD_STYLES, LOOP_STYLES, check_max_len
from pipeline import command_line
from pipeline.application import App, Built
from pipeline.graph import Pipeline
from pipeline.workspace import Workspace
from schemas.runtime import THREADS

DATASETS = {  # by data set: max_len, max_words (ids in all; 0: all words)
    "reuters": (300, 0),
    "imdb": (200, 10_000),
    "sample": (100, 0),
}
SETTINGS = ("build_style", "loop_style", "epochs", "batch_size", "learning_rate", "lr_halve_epoch", "memory_budget_mb",
            "seed", "offline")  # fmt: skip
"""The fields of RunConfig that are flags as they are."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything that decides what a run makes, and where it finds and puts things."""

    dataset: str
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
    data_dir: Path
    pipeline_root: Path
    offline: bool


def build_pipeline(config: RunConfig) -> Pipeline:
    """The pipeline, whole."""
    ingestion = Ingestion(
        source=config.dataset,
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
    )
    evaluator = Evaluator(transformed=preprocessing.transformed, model=trainer.model)
    return Pipeline.of("refit", [ingestion, preprocessing, trainer, evaluator])


def define_flags(values: flags.FlagValues) -> None:
    """Adds the flags that say what to train on and how. Those of the engine come with it."""
    styles = {"flag_values": values}
    flags.DEFINE_enum("dataset", "auto", ["auto", *DATASETS], "what to train on; auto: Reuters if it can be had, "
                      "else the bundled sample", **styles)  # fmt: skip
    flags.DEFINE_string("data_dir", None, "TFDS data directory [$TFDS_DATA_DIR, else ~/tensorflow_datasets]", **styles)
    flags.DEFINE_boolean("offline", False, "never touch the network", **styles)
    flags.DEFINE_enum("build_style", "sequential", list(BUILD_STYLES), "how the model is built", **styles)
    flags.DEFINE_enum("loop_style", "fit", list(LOOP_STYLES), "how it is trained", **styles)
    flags.DEFINE_integer("epochs", 10, "epochs at most", lower_bound=1, **styles)
    flags.DEFINE_integer("batch_size", 32, "examples a step", lower_bound=1, **styles)
    flags.DEFINE_float("learning_rate", 0.001, "Nadam's learning rate", **styles)
    flags.DEFINE_integer("lr_halve_epoch", 0, "halve the learning rate from this epoch on; 0: never", 0, **styles)
    flags.DEFINE_integer("patience", None, "stop after so many epochs without a lower validation loss, keep the best "
                         "epoch; 0: train all, keep the last [3; 0 with --preset=notebook]", 0, **styles)  # fmt: skip
    flags.DEFINE_integer("max_len", None, "tokens a text is cut or padded to [300 reuters, 200 imdb, 100 sample]", 1,
                         **styles)  # fmt: skip
    flags.DEFINE_integer("max_words", None, "word ids in all, 0: all words [10000 imdb, else 0]", 0, **styles)
    flags.DEFINE_integer("memory_budget_mb", 0, "data that would take more memory are streamed; 0: a quarter of it", 0,
                         **styles)  # fmt: skip
    flags.DEFINE_integer("seed", 42, "what everything random comes from", 0, 2**31 - 1, **styles)
    flags.DEFINE_enum("preset", "default", ["default", "notebook"], "notebook: the published experiment: vocabulary "
                      "over both splits, validation on test, all epochs, nothing selected", **styles)  # fmt: skip


def make_config(values: flags.FlagValues, dataset: str) -> RunConfig:
    """Flags and the defaults of a data set, as one value. Raises ConfigError for what cannot work."""
    notebook = values.preset == "notebook"
    max_len, max_words = DATASETS[dataset]
    config = RunConfig(
        dataset=dataset,
        max_len=max_len if values.max_len is None else values.max_len,
        max_words=max_words if values.max_words is None else values.max_words,
        patience=(0 if notebook else 3) if values.patience is None else values.patience,
        validation_fraction=0.0 if notebook else 0.1,
        validate_on="test" if notebook else "validation",
        vocabulary_splits=("train", "test") if notebook else ("train",),
        data_dir=data_dir(values),
        pipeline_root=Path(values.pipeline_root).absolute(),
        **{name: getattr(values, name) for name in SETTINGS},
    )
    check_max_len(config.build_style, config.max_len)
    build_pipeline(config)  # whose components check the rest
    return config


def data_dir(values: flags.FlagValues) -> Path:
    """TFDS's convention: the flag, else the environment, else the home directory."""
    named = values.data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return Path(named).expanduser().absolute()


def build(values: flags.FlagValues, keep: bool) -> Built:
    """The pipeline of these flags; `keep`: the choice of `--dataset=auto` is written into the pipeline root."""
    make_config(values, next(iter(DATASETS)))  # a mistake is told before the network is asked or a folder made
    root = Path(values.pipeline_root).absolute()
    workspace = Workspace.open(root) if keep else Workspace(root)
    dataset, why = choose_dataset(values.dataset, root, workspace.data, data_dir(values), values.offline, keep)
    config = make_config(values, dataset)
    resolved = {"dataset": dataset, "preset": values.preset, "data_dir": str(config.data_dir)}
    settings = {name: getattr(config, name) for name in (*SETTINGS, "max_len", "max_words", "patience")}
    return Built(build_pipeline(config), {**resolved, **settings}, why)


APP = App(
    script=Path(__file__).resolve(),
    define_flags=define_flags,
    build=build,
    places=("data_dir", "offline"),
    describe=describe_run,
    machine={"threads": THREADS},
    checks=lambda values: run_checks(data_dir(values), Workspace(Path(values.pipeline_root).absolute()).data),
)


def main(argv: list[str]) -> int:
    """Runs a command line and returns its exit code."""
    return command_line.main(APP, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
