"""The flags that say whether and where a model goes out. Light to import."""

import os
from pathlib import Path

from absl import flags

from components.pusher import SERVING_DIR
from pipeline.cli.help import WHERE
from pipeline.core.errors import ConfigError


def define_serving_flags(values: flags.FlagValues) -> None:
    """Adds them."""
    serving, rollback = ({"flag_values": values, "module_name": group} for group in ("How to serve", "rollback"))
    flags.DEFINE_boolean("push", True, "serve the model on trial, and push it if it was blessed", **serving)
    flags.DEFINE_string("served_as", None, "the name that servers know the model by [the data set's]", **serving)
    flags.DEFINE_string("serving_dir", None, "where models are served from [serving in the pipeline root]",
                        flag_values=values, module_name=WHERE)  # fmt: skip
    flags.DEFINE_string("why", "", "the reason, for the record", **rollback)


def serving_dir(values: flags.FlagValues) -> str:
    """Where models are served from: absolute if it was named, else from the pipeline root.

    Raises ConfigError if a model could not be put there in the end.
    """
    if not values.serving_dir:
        return SERVING_DIR
    named = Path(values.serving_dir).absolute()
    there = next(path for path in (named, *named.parents) if path.exists())
    if not there.is_dir():
        raise ConfigError(f"--serving_dir={values.serving_dir}: {there} is a file; name a directory")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"--serving_dir={values.serving_dir}: {there} cannot be written; make it so or name another")
    return str(named)
