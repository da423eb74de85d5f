"""The space that `tune` searches: the settings that declare a Search, without those that the user gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from absl import flags

from components.app.config import SETTINGS, Config
from pipeline.core.artifact import Scalar
from pipeline.core.settings import Search, Settings, as_flag, default_of, settings_of, type_of

DIGITS = 3
"""The significant digits of a number that a search tries, so that a preset is easy to read."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """The values of one setting that are tried. All are values of its flag."""

    start: Scalar
    choices: tuple[Scalar, ...] = ()
    """Empty: the numbers from `low` to `high`."""
    low: float = 0
    high: float = 0
    log: bool = False
    whole: bool = False

    def distribution(self) -> Any:
        """The same for Optuna."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.choices:
            return CategoricalDistribution(self.choices)
        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def value(self, suggested: Any) -> Scalar:
        """The value of the flag for what Optuna suggests: a number with few digits."""
        if isinstance(suggested, float) and not self.choices and suggested != self.start:
            return min(self.high, max(self.low, float(f"{suggested:.{DIGITS}g}")))
        found: Scalar = suggested
        return found

    @property
    def shown(self) -> str:
        """The values in words."""
        if self.choices:
            return ", ".join(map(str, self.choices))
        return f"{self.low:g} to {self.high:g}{', by factors' if self.log else ''}"

    def as_json(self) -> dict[str, Any]:
        """The space without the start, to compare it with that of an earlier search."""
        numbers = {"low": self.low, "high": self.high, "log": self.log}
        return {"choices": list(self.choices)} if self.choices else numbers


def search_space(config: Config, values: flags.FlagValues) -> dict[str, Dimension]:
    """The dimensions by the name of the setting, in the order of the settings. `config`: the settings at the start."""
    found: dict[str, Dimension] = {}
    for name in SETTINGS:
        settings = getattr(config, name)
        for field, declared in settings_of(type(settings)).items():
            if declared.search and not values[field].present and _matters(settings, declared.search):
                dimension = _dimension(settings, field, declared.search)
                if len(dimension.choices) != 1:
                    found[field] = dimension
    return found


def _matters(settings: Settings, search: Search) -> bool:
    needs = search.needs
    return not needs or getattr(settings, needs) != default_of(type(settings), needs)


def _dimension(settings: Settings, field: str, search: Search) -> Dimension:
    """The values to try, the one at the start included: the best result is then never worse than the start."""
    start, declared = getattr(settings, field), settings_of(type(settings))[field]
    shown = as_flag(start, declared)
    if search.choices:
        same = [one for one in search.choices if not isinstance(one, tuple) or len(one) == len(start)]
        return Dimension(start=shown, choices=tuple(as_flag(one, declared) for one in sorted({start, *same})))
    low, high = min(search.low, start), max(search.high, start)
    whole = type_of(type(settings), field) is int
    return Dimension(start=shown, low=low, high=high, log=search.log and low > 0, whole=whole)


def from_flags(settings: Mapping[str, Scalar]) -> dict[str, Any]:
    """The settings of flags as a preset file has them: a flag with several values becomes a list."""
    found: dict[str, Any] = {}
    for cls in SETTINGS.values():
        for name, declared in settings_of(cls).items():
            if name in settings:
                value = settings[name]
                found[name] = _as_list(str(value), declared.parse) if type_of(cls, name) is tuple else value
    return {name: found[name] for name in settings if name in found}


def _as_list(text: str, parse: Any) -> list[Any]:
    return list(parse(text)) if parse else list(filter(None, text.split(",")))
