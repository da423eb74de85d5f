"""The application's flags: one for each setting of a component, and a few that are no setting of one component."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from absl import flags

from components.app.config import SETTINGS
from components.app.presets import PRESETS
from components.evaluator.settings import EvaluatorSettings
from components.ingestion.files.settings import FilesSettings
from components.ingestion.settings import IngestionSettings
from components.ingestion.sources import DATASETS
from components.pusher.settings import PusherSettings
from components.trainer.settings import TrainerSettings
from pipeline.cli.settings_flags import define_settings
from pipeline.core.settings import default_of, settings_of

DATA, TRAINING, FILES, QUALITY, SERVING = (
    cls.GROUP for cls in (IngestionSettings, TrainerSettings, FilesSettings, EvaluatorSettings, PusherSettings)
)


def define_flags(values: flags.FlagValues) -> None:
    """Adds the application's flags. The engine adds its own."""
    alone = (
        "gc",
        "rollback",
        "report",
        "tune",
        "serve",
        "watch",
        "predict",
        "label",
        "predict, label",
        "predict, label, report",
    )
    names = (DATA, TRAINING, FILES, QUALITY, SERVING, *alone)
    groups = {name: {"flag_values": values, "module_name": name} for name in names}
    flags.DEFINE_enum("dataset", "auto", ["auto", *DATASETS], "data set; auto: Reuters if it is available, else the "
                      "bundled sample", **groups[DATA])  # fmt: skip
    flags.DEFINE_string("preset", None, "default: the published layers; strong: the layers and a linear "
                      "classifier of n-grams, to use; notebook: the published experiment: vocabulary over both splits, "
                      "validation on test, all epochs, no model selection; or the path of a JSON file with "
                      "settings, such as `tune` writes [strong for files, else default]",
                      **groups[TRAINING])  # fmt: skip
    open_defaults = _open_defaults()
    for cls in SETTINGS.values():
        define_settings(values, cls, open_defaults)
    flags.DEFINE_string("spans", "", "a run for each span of a range A..B, in order", **groups[FILES])
    flags.DEFINE_float("min_accuracy", None, "short for --thresholds=accuracy>=…", **groups[QUALITY])
    flags.DEFINE_float("max_loss", None, "short for --thresholds=loss<=…", **groups[QUALITY])
    flags.DEFINE_boolean("require_blessing", False, "exit with code 4 if the model is not blessed", **groups[QUALITY])
    flags.DEFINE_boolean("nopush", False, "short for --push=never", **groups[SERVING])
    flags.DEFINE_boolean("keep_blessed", False, "also keep every run whose model was blessed", **groups["gc"])
    flags.DEFINE_string("why", "", "the reason, for the record", **groups["rollback"])
    flags.DEFINE_boolean("all", False, "write an index of all runs", **groups["report"])
    flags.DEFINE_string("output", None, "report: file of the page [reports/RUN.html in the pipeline root]; predict: "
                        "file of the predictions, .csv, .tsv or .jsonl [stdout, as CSV]; label: file to be labeled, "
                        ".csv or .tsv", **groups["predict, label, report"])  # fmt: skip
    flags.DEFINE_string("model", "", "name of the model; --version=N: its version N [the only model in the serving "
                        "folder, in the version in use]", **groups["predict, label"])  # fmt: skip
    _define_predict_flags(groups["predict"])
    _define_label_flags(groups["label"])
    flags.DEFINE_integer("trials", None, "number of trials [20, or as many as --minutes allow]", 1, **groups["tune"])
    flags.DEFINE_float("minutes", None, "start no trial after this time", **groups["tune"])
    flags.DEFINE_string("study", "", "name of the search, of its preset and of its report [the data set's name and the "
                        "preset's]", **groups["tune"])  # fmt: skip
    _define_serve_flags(groups["serve"])
    _define_watch_flags(groups["watch"])


def _define_serve_flags(group: dict[str, Any]) -> None:
    flags.DEFINE_string(
        "host", "127.0.0.1", "address to listen on; other machines reach the server at 0.0.0.0", **group
    )
    flags.DEFINE_integer("port", 8501, "port to listen on; 0: any free one", 0, 65535, **group)
    flags.DEFINE_string("token_file", "", "file with the token that clients must send [no token]", **group)
    flags.DEFINE_boolean("allow_anonymous", False, "listen on an address of other machines without a token", **group)
    flags.DEFINE_integer("max_body_mb", 16, "MB in the body of a request", 1, 1024, **group)
    flags.DEFINE_boolean("fixed_batch", False, "pad each call of a model to 256 texts, so that an answer has the same "
                         "bits in every batch; slower", **group)  # fmt: skip
    flags.DEFINE_integer("max_queue", 10_000, "texts that may wait, and texts in one request", 1, **group)
    flags.DEFINE_string("log_requests", "", "directory to log texts and answers in, for watch [serve: none; watch: "
                        "requests in the pipeline root]", **group)  # fmt: skip
    flags.DEFINE_float("log_sample", 1.0, "share of texts that are logged, chosen at random", 0, 1, **group)
    flags.DEFINE_integer("log_max_mb", 256, "MB in the log of each model; the oldest files are deleted", 1, **group)
    flags.DEFINE_boolean("redact", False, "log numbers of words in place of texts", **group)


def _define_watch_flags(group: dict[str, Any]) -> None:
    flags.DEFINE_enum("by", "day", ["day", "week", "all"], "window of time that is compared, in UTC", **group)
    flags.DEFINE_integer("last", 7, "number of the last windows that are compared", 1, **group)
    flags.DEFINE_boolean("fail_on_drift", False, "exit with code 3 if a window has drift", **group)


def _define_predict_flags(group: Mapping[str, Any]) -> None:
    flags.DEFINE_string("text", None, "one text to predict, in place of files", **group)
    flags.DEFINE_integer("top", 3, "number of labels for each text, the most probable first", 1, **group)


def _define_label_flags(group: Mapping[str, Any]) -> None:
    flags.DEFINE_integer("count", 100, "number of texts to choose", 1, **group)
    flags.DEFINE_float("random_share", 0.2, "share of them that is drawn at random, to measure the model", **group)
    flags.DEFINE_string("check", None, "labeled table to compare with what was asked for", **group)


def _open_defaults() -> dict[str, str]:
    """What the help shows as default of a setting that depends on the data set or the preset."""
    words = {name: _by_dataset(name) for name in sorted(set(chain(*DATASETS.values())))}
    for cls in SETTINGS.values():
        for name in settings_of(cls):
            changed = {preset: values[name] for preset, values in PRESETS.items() if name in values}
            if changed:
                presets = ", ".join(f"{_shown(value)} with --preset={preset}" for preset, value in changed.items())
                words[name] = f"{_shown(default_of(cls, name))}; {presets}"
    return words


def _by_dataset(name: str) -> str:
    by_value: dict[int | str, list[str]] = {}
    for dataset, defaults in DATASETS.items():
        by_value.setdefault(defaults[name], []).append(dataset)
    return "; ".join(f"{value} for {', '.join(names)}" for value, names in by_value.items())


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
