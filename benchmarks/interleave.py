"""Compares things on a noisy machine: all of them in every round, in rotated order; medians, minimums and ratios."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Seconds, or any cost, of one contestant over all rounds."""

    costs: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.costs)

    @property
    def minimum(self) -> float:
        return min(self.costs)


def interleave(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Measured]:
    """Each contestant's costs: the first one to go moves on by one in each round."""
    costs: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(contestants[name]())
    return {name: Measured(found) for name, found in costs.items()}
