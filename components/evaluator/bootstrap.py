"""Confidence intervals from resampling (percentile bootstrap, Efron 1979). They depend only on the data and the seed.

Two models that predicted the same examples share the samples, so that their differences are paired.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from components.evaluator.paired import Interval
from components.metrics.measure import weighted, weighted_class
from components.metrics.scored import Scored
from components.shared.calibration import Floats, Ints

LEVEL = 0.95
"""The confidence level of every interval."""


def draws(examples: int, resamples: int, seed: int) -> Iterator[Ints]:
    """Yields samples of the examples, drawn with replacement. A sample has as many examples as the data.

    Each sample is given as int [examples]: how often it contains each example. Only one sample is in memory at a time.
    """
    # NumPy guarantees the random numbers of RandomState for ever. Those of its newer generators may change.
    random = np.random.RandomState(seed)
    for _ in range(resamples):
        yield np.bincount(random.randint(0, examples, examples), minlength=examples)


def bootstrap(models: Sequence[Scored], resamples: int, seed: int) -> list[dict[str, Floats]]:
    """Returns, for each model, every metric in every sample: [resamples]. The models predicted the same examples."""
    found: list[list[dict[str, float]]] = [[] for _ in models]
    for weights in draws(len(models[0].labels), resamples, seed):
        for samples, model in zip(found, models, strict=True):
            samples.append(weighted(model, weights))
    return [{name: np.array([sample[name] for sample in samples]) for name in samples[0]} for samples in found]


def bootstrap_class(scored: Scored, metric: str, label: int, resamples: int, seed: int) -> Floats:
    """Returns a metric of one class in every sample that `bootstrap` draws: [resamples]."""
    samples = draws(len(scored.labels), resamples, seed)
    return np.array([weighted_class(scored, weights, metric, label) for weights in samples])


def interval(samples: Floats) -> Interval | None:
    """Returns the middle LEVEL of the samples. Ignores samples without the metric; None if no sample has it."""
    defined = samples[np.isfinite(samples)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
