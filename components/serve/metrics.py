"""The measurements that `/metrics` shows, in the format of Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

REQUESTS = Counter(
    "refit_requests", "Requests that were answered", ["model", "method", "code"], registry=REGISTRY
)  # `_total` is added
SECONDS = Histogram(
    "refit_request_seconds",
    "Seconds from the first byte of a request to its answer",
    ["model", "method"],
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
BATCHES = Histogram(
    "refit_batch_texts", "Texts in one call of a model", registry=REGISTRY, buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
QUEUED = Gauge("refit_queue_texts", "Texts that wait for a call of a model", registry=REGISTRY)
IN_USE = Gauge("refit_version_in_use", "The version that answers", ["model"], registry=REGISTRY)
LOADED = Gauge("refit_versions_in_memory", "Versions in memory", ["model"], registry=REGISTRY)
SWAPS = Counter("refit_swaps", "Versions that replaced another one", ["model"], registry=REGISTRY)
LOGGED = Counter("refit_logged_texts", "Texts chosen for the log of requests, by what happened to them",
                 ["model", "outcome"], registry=REGISTRY)  # fmt: skip
FAILURES = Counter("refit_load_failures", "Versions that could not be loaded", ["model"], registry=REGISTRY)
