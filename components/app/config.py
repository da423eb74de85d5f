"""Flags and the defaults of a data set, as one value. Light to import."""

from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.app.data_flags import DataChecks, data_checks, data_settings
from components.app.evaluation_flags import thresholds_of
from components.app.files_flags import files_settings, files_spec
from components.app.flags import DATASETS, SETTINGS, data_dir
from components.app.serving_flags import serving_dir
from components.ingestion.files.spec import FilesSpec
from components.models.spec import check_max_len
from components.pusher import SERVING_DIR
from pipeline.core.artifact import Scalar


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
    push: bool
    served_as: str
    serving_dir: str
    thresholds: str
    slices: str


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
        served_as=values.served_as or dataset,
        serving_dir=serving_dir(values) if values.push else SERVING_DIR,
        thresholds=thresholds_of(values),
        **{name: getattr(values, name) for name in SETTINGS},
    )
    check_max_len(config.build_style, config.max_len)
    return config


def settings_of(config: RunConfig) -> dict[str, Scalar]:
    """The flags, by name, that make this configuration again, whatever the defaults are by then."""
    named = (*SETTINGS, "dataset", "max_len", "max_words", "patience", "thresholds", "served_as")
    settings = {name: getattr(config, name) for name in named}
    places = {"data_dir": str(config.data_dir)}
    places |= {} if config.serving_dir == SERVING_DIR else {"serving_dir": config.serving_dir}
    return {**settings, **places, **files_settings(config.files), **data_settings(config.checks)}
