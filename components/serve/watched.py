"""Adds the results of the command `watch` to `/metrics`."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


class WatchResults(Collector):
    """Reads the files that `watch` writes next to its pages: `<reports>/watch-<model>.prom`."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports

    def collect(self) -> Iterator[Metric]:
        """Yields the gauges of all models."""
        found: dict[str, Metric] = {}
        for path in sorted(self._reports.glob("watch-*.prom")):
            try:
                families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):  # it was deleted, or is damaged: the other measurements matter more
                continue
            for family in families:
                found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                found[family.name].samples += family.samples
        yield from found.values()

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that no file is read before the first request."""
        yield from ()
