"""The settings of Pusher. Light to import."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting

SERVING_DIR = "serving"
"""The serving folder, relative to the pipeline root, unless `--serving_dir` names another."""


@dataclass(frozen=True, kw_only=True)
class PusherSettings(Settings):
    """Where a blessed model is pushed. Raises ConfigError for a name that servers do not accept."""

    GROUP: ClassVar = "How to serve"

    served_as: str = setting(
        help="name of the model for servers; versions of one name must have the same labels and kind of text",
        default_help="the data set's name; for your own files, a word of --source",
    )
    serving_dir: str = setting(
        SERVING_DIR,
        help="serving folder",
        default_help=f"{SERVING_DIR} in the pipeline root",
        parse=lambda text: usable_dir(text),
    )
    """Relative to the pipeline root, or absolute. In the cache key: a model pushed elsewhere is not pushed here."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"[A-Za-z][\w-]{0,99}", self.served_as):
            raise ConfigError(
                f"a model cannot be served as '{self.served_as}'; use letters, digits, - and _, a letter first"
            )


def usable_dir(text: str) -> str:
    """Returns the absolute path of a serving folder. Raises ConfigError if a model cannot be written there."""
    if text in ("", SERVING_DIR):
        return SERVING_DIR
    named = Path(text).absolute()
    existing = next(path for path in (named, *named.parents) if path.exists())
    if not existing.is_dir():
        raise ConfigError(f"{existing} is a file; name a directory")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ConfigError(f"{existing} is not writable; change its permissions or name another directory")
    return str(named)
