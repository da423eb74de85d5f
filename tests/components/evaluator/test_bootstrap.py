"""Compares weighted metrics with metrics of the resampled examples, and intervals with those of SciPy."""

import numpy as np
import pytest
from scipy import stats

from components.evaluator.bootstrap import bootstrap, draws, interval
from components.metrics.measure import measure_split, weighted
from components.metrics.scored import Scored
from tests.support.cases import binary_case, right_and_wrong, softmax_case

CASES = {"softmax": softmax_case(0), "binary": binary_case(2), "ties": binary_case(1)}


@pytest.mark.parametrize("scored", CASES.values(), ids=CASES)
def test_weighted_metrics_equal_metrics_of_the_resampled_examples(scored: Scored) -> None:
    for weights in draws(len(scored.labels), 5, seed=3):
        rows = np.repeat(np.arange(len(weights)), weights)
        expected = measure_split(Scored(scored.labels[rows], scored.p[rows])).by_name()
        assert expected.pop("examples") == len(scored.labels)
        assert weighted(scored, weights) == pytest.approx(expected, rel=1e-12)


def test_samples_depend_only_on_the_seed_and_are_shared_by_the_models() -> None:
    scored = CASES["softmax"]
    first, same = bootstrap([scored, scored], 20, seed=1)
    again, other = bootstrap([scored], 20, seed=1)[0], bootstrap([scored], 20, seed=2)[0]
    for name in first:
        assert first[name].tolist() == same[name].tolist() == again[name].tolist()
        assert first[name].tolist() != other[name].tolist()


def test_intervals_equal_those_of_scipy() -> None:
    values = np.random.RandomState(0).normal(size=300)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    ours = interval(np.array([(weights * values).mean() for weights in draws(300, 20_000, seed=1)]))
    assert ours == pytest.approx(tuple(theirs), abs=0.004)


def test_the_interval_contains_the_true_value_as_often_as_promised() -> None:
    random = np.random.RandomState(5)
    held = 0
    for seed in range(100):
        right = random.uniform(size=100) < 0.7
        labels = [int(label) for label in random.randint(0, 2, 100)]
        predicted = [label if ok else 1 - label for label, ok in zip(labels, right, strict=True)]
        samples = bootstrap([right_and_wrong(labels, predicted, classes=2)], 200, seed)[0]
        low, high = interval(samples["accuracy"]) or (1.0, 0.0)
        held += low <= 0.7 <= high
    assert 88 <= held <= 99


def test_samples_without_an_auc_are_left_out() -> None:
    scored = right_and_wrong([0, 1], [0, 1], classes=2)
    samples = bootstrap([scored], 50, seed=0)[0]["auc"]
    assert 0 < np.isnan(samples).sum() < 50
    assert interval(samples) == (1.0, 1.0)
    assert interval(np.array([np.nan])) is None
