"""Flags from settings: defines a flag for every field of a settings class, and reads the settings back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from absl import flags

from pipeline.cli.places import check_local
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Setting, Settings, default_of, read_text, settings_classes, settings_of, type_of

S = TypeVar("S", bound=Settings)

_DEFINE = {
    bool: flags.DEFINE_boolean,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
    Path: flags.DEFINE_string,
    tuple: flags.DEFINE_list,
}


def define_settings(values: flags.FlagValues, cls: type[Settings], open_defaults: Mapping[str, str]) -> None:
    """Adds a flag for every field of a settings class, and of the settings that it holds.

    A field that several classes have, such as the random seed, becomes one flag. `open_defaults`: what the help shows
    as the default, by name, for fields whose default depends on other flags; such a flag has no default itself.
    """
    for name, declared in settings_of(cls).items():
        if declared.flag and name not in values:
            default = None if name in open_defaults else default_of(cls, name)
            words = open_defaults.get(name) or declared.default_help
            _define(values, declared.group or cls.GROUP, name, declared, type_of(cls, name), default, words)
    for nested in settings_classes(cls).values():
        define_settings(values, nested, open_defaults)


def _define(
    values: flags.FlagValues, group: str, name: str, declared: Setting, kind: type, default: Any, words: str
) -> None:
    added = {"flag_values": values, "module_name": group}
    text = f"{declared.help} [{words}]" if words else declared.help
    if declared.parse is not None or kind is Path:
        shown = "" if words or default is None else declared.show(default) if declared.show else default
        flags.DEFINE_string(name, shown or None, text, **added)
    elif declared.choices and kind is str:
        flags.DEFINE_enum(name, default, list(declared.choices), text, **added)
    else:
        _DEFINE[kind](name, list(default or ()) if kind is tuple and not words else default, text, **added)
    if declared.alias:
        flags.DEFINE_alias(declared.alias, name, **added)


def read_settings(values: flags.FlagValues, cls: type[S], defaults: Mapping[str, Any], **given: Any) -> S:
    """The settings that the flags say. `defaults` replace those of the class; `given` are taken as they are.

    Raises ConfigError if a value is out of its range.
    """
    found = dict(given)
    for name, declared in settings_of(cls).items():
        if name in given:
            continue
        value = _given(values, cls, name) if declared.flag else None
        if value is not None:
            found[name] = value
        elif name in defaults:
            found[name] = defaults[name]
    return cls(**found)


def _given(values: flags.FlagValues, cls: type[Settings], name: str) -> Any:
    """The value that a flag was given; None if it was not given, or is an empty path."""
    if type_of(cls, name) is Path:
        check_local(f"--{name}", values[name].value or "")
    try:
        return read_text(cls, name, values[name].value) if values[name].present else None
    except ConfigError as error:
        raise ConfigError(f"--{name}: {error}") from error
