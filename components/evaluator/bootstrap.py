"""Confidence intervals from resampling (percentile bootstrap, Efron 1979), the same ones for the same seed.

Models that predicted the same examples are resampled together, so that their differences are paired.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from components.evaluator.metrics import weighted
from components.evaluator.paired import Interval
from components.evaluator.scored import Floats, Ints, Scored

LEVEL = 0.95
"""Of every interval."""


def draws(examples: int, resamples: int, seed: int) -> Iterator[Ints]:
    """How often each example is in a sample of as many, drawn with replacement: int [examples], for each sample.

    One of the `resamples` samples is in memory at a time.
    """
    # NumPy promises the stream of RandomState for ever; that of its newer generators may change.
    random = np.random.RandomState(seed)
    for _ in range(resamples):
        yield np.bincount(random.randint(0, examples, examples), minlength=examples)


def bootstrap(models: Sequence[Scored], resamples: int, seed: int) -> list[dict[str, Floats]]:
    """For each of the models, which predicted the same examples: every metric in every sample, [resamples]."""
    found: list[list[dict[str, float]]] = [[] for _ in models]
    for weights in draws(len(models[0].labels), resamples, seed):
        for samples, model in zip(found, models, strict=True):
            samples.append(weighted(model, weights))
    return [{name: np.array([sample[name] for sample in samples]) for name in samples[0]} for samples in found]


def interval(samples: Floats) -> Interval | None:
    """The middle LEVEL of the samples in which the metric is defined; None if it is in none."""
    defined = samples[np.isfinite(samples)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
