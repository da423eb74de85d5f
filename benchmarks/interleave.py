"""Compares costs on a noisy machine: each round measures all contestants, in rotated order."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """The costs of one contestant in all rounds, in seconds or another unit."""

    costs: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.costs)

    @property
    def minimum(self) -> float:
        return min(self.costs)


def interleave(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Measured]:
    """Returns the costs of each contestant. Each round starts with another contestant."""
    costs: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(contestants[name]())
    return {name: Measured(found) for name, found in costs.items()}
