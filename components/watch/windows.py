"""The windows of a model's log, each compared with the baseline of the version that answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from components.request_log.read import Damage, Log
from components.text.transform_graph import KERAS
from components.watch.baseline import Baseline
from components.watch.checks import FEWEST, Result, compare
from components.watch.traffic import WINDOWS, Traffic, count_traffic
from pipeline.core.errors import DataError


@dataclass(frozen=True)
class Window:
    """The texts that one version answered in a window, and the results of the checks."""

    name: str
    """Such as 2026-11-28."""
    version: int
    traffic: Traffic
    base: Baseline | None
    results: tuple[Result, ...] = ()
    why: str = ""
    """Why it was not compared; empty if it was."""

    @cached_property
    def alarms(self) -> tuple[Result, ...]:
        """The results that are above chance."""
        return tuple(result for result in self.results if result.check.alarm)

    @property
    def redacted(self) -> int:
        """The number of texts that were not stored."""
        return self.traffic.texts - self.traffic.read


@dataclass(frozen=True)
class Watched:
    """All windows of a model, in order."""

    model: str
    by: str
    rate: float
    windows: tuple[Window, ...]
    damages: tuple[Damage, ...] = ()

    @property
    def drifted(self) -> tuple[Window, ...]:
        """The windows with an alarm."""
        return tuple(window for window in self.windows if window.alarms)

    @property
    def checks(self) -> int:
        """The number of checks that were made."""
        return sum(len(window.results) for window in self.windows)

    def title(self, window: Window) -> str:
        """The name of a window, with the version if several versions answered."""
        several = len({other.version for other in self.windows}) > 1
        return f"{window.name}, version {window.version}" if several else window.name


@dataclass
class _Bases:
    """The baselines of versions, read when they are needed first."""

    read: Callable[[int], Baseline]
    found: dict[int, Baseline] = field(default_factory=dict)
    errors: dict[int, DataError] = field(default_factory=dict)
    """Why the other versions have none."""

    def tokenizer(self, version: int) -> str:
        """Returns the tokenizer of a version."""
        if version not in self.found and version not in self.errors:
            try:
                self.found[version] = self.read(version)
            except DataError as error:
                self.errors[version] = error
        return self.found[version].tokenizer if version in self.found else KERAS


def days_of(log: Log, by: str, last: int) -> list[str]:
    """Returns the days of the last windows, in order."""
    days = log.days()
    names = list(dict.fromkeys(map(WINDOWS[by], days)))[-last:]
    return [day for day in days if WINDOWS[by](day) in names]


def watch(
    log: Log, model: str, by: str, days: Sequence[str], rate: float, baseline: Callable[[int], Baseline]
) -> Watched:
    """Compares the windows of these days. `baseline`: returns that of a version, or raises DataError.

    Raises DataError if no line can be read, or if no version has a baseline.
    """
    bases = _Bases(baseline)
    counted, damages = count_traffic(log.read(days), WINDOWS[by], bases.tokenizer)
    if not counted:
        why = f": {damages[0].path}: {damages[0].why}" if damages else ""
        raise DataError(f"{log.folder} has no request that can be read{why}; name another --log_requests")
    if not bases.found:
        raise next(iter(bases.errors.values()))
    windows = []
    for (name, version), traffic in counted.items():
        base = bases.found.get(version)
        if base and traffic.texts >= FEWEST:
            windows.append(Window(name, version, traffic, base, tuple(compare(base, traffic, rate))))
        else:
            why = f"too few to compare, at least {FEWEST} are needed" if base else str(bases.errors[version])
            windows.append(Window(name, version, traffic, base, why=why))
    return Watched(model, by, rate, tuple(windows), tuple(damages))
