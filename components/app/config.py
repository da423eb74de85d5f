"""The configuration of a run: the settings of every component, from the flags, a preset and the data set's defaults."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from absl import flags

from components.app.files import files_settings
from components.app.presets import preset_settings
from components.evaluator.settings import EvaluatorSettings
from components.evaluator.thresholds import check_measured, parse_thresholds
from components.example_validator.settings import ValidatorSettings
from components.ingestion.files.name import short_name
from components.ingestion.settings import IngestionSettings
from components.ingestion.sources import DATASETS, FILES, SOURCES
from components.models.settings import OF_WIDE
from components.preprocessing.settings import PreprocessingSettings
from components.pusher.settings import NEVER, SERVING_DIR, PusherSettings
from components.reference_model.settings import ReferenceSettings
from components.schema_gen.settings import SchemaSettings
from components.statistics_gen.settings import StatisticsSettings
from components.trainer.settings import TrainerSettings
from pipeline.cli.places import check_local
from pipeline.cli.settings_flags import read_settings
from pipeline.core.artifact import Scalar
from pipeline.core.settings import as_flags, settings_classes
from pipeline.storage.workspace import Workspace
from schemas.artifacts.datasets import label_names, schema_path, schemas


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of every component, and where the run writes."""

    trainer: TrainerSettings
    statistics_gen: StatisticsSettings
    preprocessing: PreprocessingSettings
    ingestion: IngestionSettings
    reference_model: ReferenceSettings
    evaluator: EvaluatorSettings
    pusher: PusherSettings
    schema_gen: SchemaSettings
    example_validator: ValidatorSettings
    pipeline_root: Path

    @property
    def push(self) -> bool:
        """Whether the model is tested in a serving process, and may be pushed."""
        return self.pusher.push != NEVER

    def as_flags(self) -> dict[str, Scalar]:
        """The flags, by name, that make this configuration again, whatever the defaults are by then."""
        found: dict[str, Scalar] = {"dataset": self.ingestion.dataset}
        for name in SETTINGS:
            found |= as_flags(getattr(self, name))
        if found["serving_dir"] == SERVING_DIR:  # relative to the pipeline root, which a flag cannot say
            del found["serving_dir"]
        return found


SETTINGS = settings_classes(Config)
"""The settings class of each component that has one. --help lists their flags in this order."""

PRESET_CLASSES = tuple(SETTINGS[name] for name in ("ingestion", "preprocessing", "trainer"))
"""The classes whose settings a preset may change."""


def make_config(values: flags.FlagValues, dataset: str) -> Config:
    """The configuration that the flags define for a data set. Raises ConfigError for settings that cannot work."""
    root = Path(values.pipeline_root).absolute()
    files = files_settings(values, dataset)
    defaults = {
        **({} if values.data_dir else {"data_dir": default_data_dir()}),
        "served_as": _served_as(files.source) if files else dataset,
        **DATASETS[dataset],
        **_preset(values, dataset),
    }
    computed: dict[str, dict[str, Any]] = {
        "ingestion": {"dataset": dataset, "work_dir": Workspace(root).data, "files": files},
        "schema_gen": {"dataset": dataset},
        "evaluator": {"thresholds": _thresholds(values)},
        "pusher": {"push": NEVER} if values.nopush else {},
    }
    settings: dict[str, Any] = {
        name: read_settings(values, cls, defaults, **computed.get(name, {})) for name, cls in SETTINGS.items()
    }
    for name in ("statistics_gen", "preprocessing"):
        if settings[name].max_len_percentile:
            settings[name] = replace(settings[name], min_len=settings["trainer"].shortest)
    config = Config(pipeline_root=root, **settings)
    config.trainer.check_max_len(config.preprocessing.max_len)
    return config


def _preset(values: flags.FlagValues, dataset: str) -> dict[str, Any]:
    """The settings of the preset. `--wide=none` also leaves out those that only a wide branch has."""
    found = preset_settings(str(values.preset or ""), dataset, PRESET_CLASSES)
    return {name: value for name, value in found.items() if values.wide != "none" or name not in OF_WIDE}


def _served_as(pattern: str) -> str:
    """The name for servers of a model of your own files, which must not be that of a published data set."""
    name = short_name(pattern)
    return f"{name}-{FILES}" if name in SOURCES else name


def check_metrics(config: Config) -> None:
    """Raises ConfigError if a threshold names a metric that the data set does not have, where its labels are known."""
    if config.evaluator.thresholds and config.ingestion.dataset in schemas():
        names = label_names(schema_path(config.ingestion.dataset))
        check_measured(parse_thresholds(config.evaluator.thresholds), names)


def default_data_dir() -> Path:
    """TFDS's convention: the environment, else the home directory. Raises ConfigError if the environment has a URL."""
    named = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    check_local("$TFDS_DATA_DIR", named)
    return Path(named).expanduser().absolute()


def _thresholds(values: flags.FlagValues) -> str:
    """All thresholds in the form of `--thresholds`, the short flags included. Raises ConfigError for a wrong one."""
    short = [("accuracy>=", values.min_accuracy), ("loss<=", values.max_loss)]
    given = [values.thresholds, *(f"{left}{limit}" for left, limit in short if limit is not None)]
    return ",".join(map(str, parse_thresholds(",".join(given))))
