"""Settings that several components have. The command line makes one flag of each. Light to import."""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.core.settings import setting

SERVED_AS = "served_as"
"""The name of the setting that names the model for servers."""

SERVING = "How to serve"
"""The heading of the settings about serving in --help."""


def numbers_setting(**declared: Any) -> Any:
    """Whole numbers in order, separated by commas on the command line; empty: the default in `default_help`."""
    return setting((), parse=_numbers, show=lambda numbers: ",".join(map(str, numbers)), **declared)


def _numbers(text: str) -> tuple[int, ...]:
    """Raises ConfigError if an item is not a whole number."""
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    for item in items:
        if not re.fullmatch("[+-]?[0-9]{1,9}", item):
            raise ConfigError(f"'{item}' is not a whole number; separate whole numbers by commas, such as 64,32")
    return tuple(map(int, items))


def seed_setting() -> Any:
    """The random seed. Everything random in a component follows from it."""
    return setting(42, help="random seed", minimum=0, maximum=2**31 - 1, group="How to train")


def served_as_setting() -> Any:
    """The name of the model for servers. It also names the model in use, which new models are compared with."""
    return setting(
        "",
        help="name of the model for servers; versions of one name must have the same labels and kind of text",
        default_help="the data set's name; for your own files, a word of --source",
        group=SERVING,
    )


NOT_TRAINING = ("span", SERVED_AS)
"""Parameters in which two trainings with the same settings may differ: the data go on, and so may the name."""


def as_text(parameters: Mapping[str, object]) -> dict[str, str]:
    """Returns the settings of a training, by name, as text to compare and to show."""
    return {name: str(value) for name, value in parameters.items() if name not in NOT_TRAINING}
