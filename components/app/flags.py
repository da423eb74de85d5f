"""The flags that say what to train on and how; those of the engine come with its commands. Light to import."""

import os
from pathlib import Path

from absl import flags

from components.app.data_flags import define_data_flags
from components.app.evaluation_flags import define_evaluation_flags
from components.app.files_flags import define_files_flags
from components.app.serving_flags import define_serving_flags
from components.models.spec import BUILD_STYLES
from components.trainer.specs import LOOP_STYLES
from components.trainer.warm_start import WARM_START

DATASETS = {  # by data set: max_len, max_words (ids in all; 0: all words)
    "reuters": (300, 0),
    "imdb": (200, 10_000),
    "sample": (100, 0),
    "files": (200, 0),
}
SETTINGS = ("build_style", "loop_style", "epochs", "batch_size", "learning_rate", "lr_halve_epoch", "memory_budget_mb",
            "seed", "warm_start", "offline", "push", "slices")  # fmt: skip
"""The fields of RunConfig (components.app.config) that are flags as they are."""


def define_flags(values: flags.FlagValues) -> None:
    """Adds the flags that say what to train on and how. Those of the engine come with it."""
    data, styles = ({"flag_values": values, "module_name": group} for group in ("What to train on", "How to train"))
    flags.DEFINE_enum("dataset", "auto", ["auto", *DATASETS], "what to train on; auto: Reuters if it can be had, "
                      "else the bundled sample", **data)  # fmt: skip
    flags.DEFINE_string("data_dir", None, "TFDS data directory [$TFDS_DATA_DIR, else ~/tensorflow_datasets]", **data)
    flags.DEFINE_boolean("offline", False, "never touch the network", **data)
    flags.DEFINE_enum("build_style", "sequential", list(BUILD_STYLES), "how the model is built", **styles)
    flags.DEFINE_enum("loop_style", "fit", list(LOOP_STYLES), "how it is trained", **styles)
    flags.DEFINE_integer("epochs", 10, "epochs at most", lower_bound=1, **styles)
    flags.DEFINE_integer("batch_size", 32, "examples a step", lower_bound=1, **styles)
    flags.DEFINE_float("learning_rate", 0.001, "Nadam's learning rate", **styles)
    flags.DEFINE_integer("lr_halve_epoch", 0, "halve the learning rate from this epoch on; 0: never", 0, **styles)
    flags.DEFINE_integer("patience", None, "stop after so many epochs without a lower validation loss, keep the best "
                         "epoch; 0: train all, keep the last [3; 0 with --preset=notebook]", 0, **styles)  # fmt: skip
    flags.DEFINE_integer("max_len", None, "tokens a text is cut or padded to [300 reuters, 200 imdb and files, "
                         "100 sample]", 1, **styles)  # fmt: skip
    flags.DEFINE_integer("max_words", None, "word ids in all, 0: all words [10000 imdb, else 0]", 0, **styles)
    flags.DEFINE_integer("memory_budget_mb", 0, "data that would take more memory are streamed; 0: a quarter of it", 0,
                         **styles)  # fmt: skip
    flags.DEFINE_integer("seed", 42, "what everything random comes from", 0, 2**31 - 1, **styles)
    flags.DEFINE_enum("preset", "default", ["default", "notebook"], "notebook: the published experiment: vocabulary "
                      "over both splits, validation on test, all epochs, nothing selected", **styles)  # fmt: skip
    flags.DEFINE_enum("warm_start", "none", list(WARM_START), "blessed: begin with the weights of the last blessed "
                      "model, where words, labels and shapes allow", **styles)  # fmt: skip
    define_files_flags(values, "Files of your own")
    define_evaluation_flags(values, "What a model must reach")
    define_serving_flags(values)
    define_data_flags(values, "What the data must be")
    flags.DEFINE_boolean("all", False, "an index over all runs", flag_values=values, module_name="report")


def data_dir(values: flags.FlagValues) -> Path:
    """TFDS's convention: the flag, else the environment, else the home directory."""
    named = values.data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return Path(named).expanduser().absolute()
