"""Confidence intervals from resampling (percentile bootstrap, Efron 1979), the same ones for the same seed.

Models that predicted the same examples are resampled together, so that their differences are paired.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from components.evaluator.paired import Interval
from components.evaluator.scored import BINS, Floats, Ints, Scored

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


def weighted(scored: Scored, weights: Ints) -> dict[str, float]:
    """The headline metrics where each example is there as often as `weights`: int [n] says; NaN for no AUC."""
    n, w = int(weights.sum()), weights.astype(np.float64)
    found = {"loss": float((w * scored.losses).sum() / n), "accuracy": float(weights[scored.correct].sum() / n)}
    if scored.binary:
        found["auc"] = _auc(scored, w)
    else:
        found["top_5_accuracy"] = float(weights[scored.top_5].sum() / n)
    found |= {"macro_f1": _macro_f1(scored, w), "micro_f1": found["accuracy"]}
    gaps = np.bincount(scored.bins, weights=w * (scored.correct - scored.confidence), minlength=BINS)
    return {**found, "ece": float(np.abs(gaps).sum() / n)}


def _macro_f1(scored: Scored, w: Floats) -> float:
    hits = np.bincount(scored.labels, weights=w * scored.correct, minlength=scored.classes)
    true = np.bincount(scored.labels, weights=w, minlength=scored.classes)
    there = true + np.bincount(scored.predicted, weights=w, minlength=scored.classes)
    return float((2 * hits[there > 0] / there[there > 0]).mean())


def _auc(scored: Scored, w: Floats) -> float:
    """Mann and Whitney's statistic: for each score the ones above the zeros below it, ties counting half."""
    one = scored.labels == 1
    ones = np.bincount(scored.ranks, weights=w * one)
    zeros = np.bincount(scored.ranks, weights=w * ~one)
    pairs = ones.sum() * zeros.sum()
    below = np.cumsum(zeros) - zeros
    return float((ones * (below + zeros / 2)).sum() / pairs) if pairs else float("nan")


def interval(samples: Floats) -> Interval | None:
    """The middle LEVEL of the samples in which the metric is defined; None if it is in none."""
    defined = samples[np.isfinite(samples)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
