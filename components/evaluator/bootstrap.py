"""Confidence intervals from resampling (percentile bootstrap, Efron 1979). They depend only on the data and the seed.

Two models that predicted the same examples share the samples, so that their differences are paired.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from components.evaluator.paired import Interval
from components.evaluator.scored import BINS, Floats, Ints, Scored

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


def weighted(scored: Scored, weights: Ints) -> dict[str, float]:
    """Returns the headline metrics of a sample. `weights`: int [n], how often each example is in it. NaN: no AUC."""
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
    occurring = true + np.bincount(scored.predicted, weights=w, minlength=scored.classes)
    return float((2 * hits[occurring > 0] / occurring[occurring > 0]).mean())


def _auc(scored: Scored, w: Floats) -> float:
    """Computes AUC as the Mann-Whitney statistic: pairs where label 1 scores above label 0. Ties count half."""
    one = scored.labels == 1
    ones = np.bincount(scored.ranks, weights=w * one)
    zeros = np.bincount(scored.ranks, weights=w * ~one)
    pairs = ones.sum() * zeros.sum()
    below = np.cumsum(zeros) - zeros
    return float((ones * (below + zeros / 2)).sum() / pairs) if pairs else float("nan")


def interval(samples: Floats) -> Interval | None:
    """Returns the middle LEVEL of the samples. Ignores samples without the metric; None if no sample has it."""
    defined = samples[np.isfinite(samples)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
