"""The results of the last window as gauges of Prometheus."""

import time

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from components.watch.windows import Watched

_OF_CHECK = ("model", "version", "check")


def gauges(found: Watched) -> str:
    """Returns the text of a file for node_exporter's textfile collector. `serve` adds it to `/metrics`."""
    registry = CollectorRegistry()
    texts = Gauge("refit_watch_texts", "Logged texts of the last window", _OF_CHECK[:2], registry=registry)
    value = Gauge("refit_watch_value", "Value of a drift check in the last window", _OF_CHECK, registry=registry)
    limit = Gauge("refit_watch_threshold", "Threshold of a drift check", _OF_CHECK, registry=registry)
    drift = Gauge("refit_watch_drift", "1 if the check found drift in the last window", _OF_CHECK, registry=registry)
    when = Gauge("refit_watch_timestamp_seconds", "Time of the comparison", ["model"], registry=registry)
    when.labels(found.model).set(time.time())
    last = found.windows[-1].name
    for window in (window for window in found.windows if window.name == last):
        texts.labels(found.model, window.version).set(window.traffic.texts)
        for result in window.results:
            of = (found.model, window.version, result.name)
            value.labels(*of).set(result.check.value)
            limit.labels(*of).set(result.check.threshold)
            drift.labels(*of).set(int(result.check.alarm))
    return generate_latest(registry).decode()
