"""The settings of a component: a frozen dataclass whose fields each carry their help, range and default, once.

@dataclass(frozen=True, kw_only=True)
class TrainerSettings(Settings):
    epochs: int = setting(10, help="maximum number of epochs", minimum=1)
    loop_style: str = setting("fit", help="how the model is trained", choices=("fit", "custom"))

The command line makes flags from these fields, and the engine puts each of them into the cache key.
"""

import functools
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, cast, get_args, get_type_hints

from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError, near_match


@dataclass(frozen=True, kw_only=True)
class Search:
    """The values that a search for good settings tries: `choices`, or the numbers from `low` to `high`."""

    low: float = 0
    high: float = 0
    log: bool = False
    """Whether each factor is as likely as any other, not each difference."""
    choices: tuple[Any, ...] = ()
    """Of a tuple, only choices that have as many items as the value at the start are tried."""
    needs: str = ""
    """A setting that must differ from its default; else this one has no effect. Empty: none."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a field of a Settings class declares. `minimum` to `below`: the range of a number."""

    help: str
    minimum: float | None = None
    """Ranges hold for each item of a tuple."""
    maximum: float | None = None
    above: float | None = None
    """The value must be greater than this."""
    below: float | None = None
    """The value must be less than this."""
    choices: tuple[str, ...] = ()
    """All allowed values; of a tuple, all allowed items. Empty: any."""
    location: bool = False
    """Whether it says where something is, not what it is. A location is not part of the cache key."""
    flag: bool = True
    """Whether the command line has a flag of this name."""
    group: str = ""
    """The heading of its flag in --help, if not the heading of its class."""
    alias: str = ""
    """An old name of the flag, which still works."""
    default_help: str = ""
    """The default in words, where the program computes it."""
    parse: Callable[[str], Any] | None = None
    """Reads the text of the flag, for types that are not a scalar, a path or a list of names."""
    show: Callable[[Any], Scalar] | None = None
    """The inverse of `parse`."""
    search: Search | None = None
    """The values that a search tries; None: it leaves the setting as it is."""


def setting(default: Any = MISSING, *, help: str, **declared: Any) -> Any:  # as absl and argparse call it
    """Declares a field of a Settings class. `declared`: the fields of Setting."""
    return field(default=default, metadata={"setting": Setting(help=help, **declared)})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The base of settings classes. Raises ConfigError if a value is outside its range or choices."""

    GROUP: ClassVar[str] = ""
    """The heading of its flags in --help."""

    def __post_init__(self) -> None:
        for name, declared in settings_of(type(self)).items():
            check_value(name, getattr(self, name), declared)

    @property
    def parameters(self) -> dict[str, object]:
        """Every value that is part of the cache key, by name; those of nested settings too."""
        found: dict[str, object] = {}
        for name, declared in settings_of(type(self)).items():
            value = getattr(self, name)
            if isinstance(value, Settings):
                found |= value.parameters
            elif not declared.location:
                found[name] = value
        return found


def settings_of(cls: type[Settings]) -> dict[str, Setting]:
    """What each field of a settings class declares, by name, in the order of the fields."""
    return {f.name: f.metadata["setting"] for f in fields(cls) if "setting" in f.metadata}


@functools.cache  # asked for every field of a class, in every command
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def settings_classes(cls: type) -> dict[str, type[Settings]]:
    """The settings class of each field of a dataclass that holds settings, or may be None, by the field's name."""
    hints = _hints(cls)
    found: dict[str, type[Settings]] = {}
    for f in fields(cls):
        for option in (hints[f.name], *get_args(hints[f.name])):
            if isinstance(option, type) and issubclass(option, Settings):
                found[f.name] = option
    return found


def default_of(cls: type[Settings], name: str) -> Any:
    """The default of a field; None if it has none."""
    [found] = [f for f in fields(cls) if f.name == name]
    return None if found.default is MISSING else found.default


def type_of(cls: type[Settings], name: str) -> type:
    """The type of a field's value: bool, int, float, str, Path or tuple. `int | None` counts as int."""
    hint = _hints(cast(type, cls))[name]
    options = [option for option in get_args(hint) or (hint,) if option is not type(None)]
    origin = getattr(hint, "__origin__", None)
    return tuple if origin is tuple else options[0]


def read_text(cls: type[Settings], name: str, given: Any) -> Any:
    """The value of a field from what its flag holds: text, a list of names, or the value itself."""
    declared, kind = settings_of(cls)[name], type_of(cls, name)
    if given is None:
        return None
    if declared.parse is not None:
        return declared.parse(given)
    if kind is Path:
        return Path(given).expanduser().absolute() if given else None
    return tuple(given) if kind is tuple else given


def as_flags(settings: Settings) -> dict[str, Scalar]:
    """The flags that make these settings again. A value of None needs no flag."""
    return dict(_shown(settings))


def _shown(settings: Settings) -> Iterator[tuple[str, Scalar]]:
    for name, declared in settings_of(type(settings)).items():
        value = getattr(settings, name)
        if isinstance(value, Settings):
            yield from _shown(value)
        elif declared.flag and (value is not None or type_of(type(settings), name) is Path):
            yield name, as_flag(value, declared)


def as_flag(value: Any, declared: Setting) -> Scalar:
    """The value of a flag that makes this value of the setting."""
    if declared.show is not None:
        return declared.show(value)
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value or "") if value is None or isinstance(value, Path) else value


def check_value(name: str, value: Any, declared: Setting) -> None:
    """Raises ConfigError if a value is outside its range or choices."""
    for item in value if isinstance(value, tuple) else (value,):
        if declared.choices and item is not None and item not in declared.choices:
            raise ConfigError(f"{name}: unknown value '{item}'{near_match(str(item), declared.choices)}")
        if range_of(declared) and item is not None and not _within(item, declared):
            raise ConfigError(f"{name} must be {range_of(declared)}, got {item:,}")


def _within(value: float, declared: Setting) -> bool:
    bounds = (declared.minimum, declared.maximum, declared.above, declared.below)
    tests = (operator.ge, operator.le, operator.gt, operator.lt)
    met = (bound is None or test(value, bound) for test, bound in zip(tests, bounds, strict=True))
    return math.isfinite(value) and all(met)


def range_of(declared: Setting) -> str:
    """The range of a number in words: `above 0 and at most 10`. Empty if there is none."""
    low = _limit("at least", declared.minimum) or _limit("above", declared.above)
    high = _limit("at most", declared.maximum) or _limit("below", declared.below)
    return " and ".join(filter(None, [low, high]))


def _limit(word: str, bound: float | None) -> str:
    return "" if bound is None else f"{word} {bound:,}"
