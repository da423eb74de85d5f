"""Compares the metrics with those of Keras, an independent implementation, and with values computed by hand."""

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from components.metrics.measure import (
    confusion,
    measure_slice,
    measure_split,
    per_class,
    reliability,
    threshold_table,
    weighted,
)
from components.metrics.scored import Scored
from components.shared import determinism
from components.shared.calibration import expected_calibration_error
from pipeline.core.errors import DataError
from schemas.contracts.encode import given
from tests.support.cases import binary_case, right_and_wrong, softmax_case

determinism.configure()


def by_keras(metric: keras.metrics.Metric, labels: object, p: object) -> float:
    metric.update_state(labels, p)
    return float(metric.result())


@pytest.mark.parametrize("seed", range(3))
def test_softmax_metrics_equal_keras(seed: int) -> None:
    scored = softmax_case(seed)
    found, one_hot, p = (
        measure_split(scored).by_name(),
        np.eye(46, dtype=np.float32)[scored.labels],
        scored.p.astype(np.float32),
    )
    assert list(found) == ["loss", "accuracy", "top_5_accuracy", "macro_f1", "micro_f1", "ece", "examples"]
    expected = {
        "loss": by_keras(keras.metrics.SparseCategoricalCrossentropy(), scored.labels, p),
        "accuracy": by_keras(keras.metrics.SparseCategoricalAccuracy(), scored.labels, p),
        "top_5_accuracy": by_keras(keras.metrics.SparseTopKCategoricalAccuracy(5), scored.labels, p),
        "macro_f1": by_keras(keras.metrics.F1Score("macro"), one_hot, p),
        "micro_f1": by_keras(keras.metrics.F1Score("micro"), one_hot, p),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-5)  # Keras's are float32
    assert found["examples"] == 500


@pytest.mark.parametrize("classes", [2, 3, 46])
@pytest.mark.parametrize("averaged", [None, (0, 1), (1,)])
def test_f1_has_the_bits_of_scikit_learn(classes: int, averaged: tuple[int, ...] | None) -> None:
    for seed in range(20):
        few = softmax_case(seed, classes).where(np.arange(500) < 7 * (seed + 1))
        scored = Scored(few.labels, few.p, averaged)
        found = measure_slice("", scored)
        for average, of in (("macro", averaged), ("micro", None)):
            expected = f1_score(scored.labels, scored.predicted, labels=of, average=average, zero_division=0)
            assert getattr(found, f"{average}_f1") == expected


@pytest.mark.parametrize(("classes", "shown"), [(2, False), (3, False), (5, False), (6, True), (46, True)])
def test_top_5_accuracy_needs_a_sixth_class(classes: int, shown: bool) -> None:
    scored = softmax_case(0, classes)
    sample = weighted(scored, np.ones(len(scored.labels), np.int64))
    assert ("top_5_accuracy" in measure_split(scored).by_name(), "top_5_accuracy" in sample) == (shown, shown)
    assert scored.top_5.all() != shown


@pytest.mark.parametrize("digits", [7, 2, 1], ids=["few ties", "many ties", "nothing but ties"])
def test_binary_metrics_equal_keras_and_every_pair(digits: int) -> None:
    scored = binary_case(digits)
    found, one = measure_split(scored).by_name(), scored.p[:, 1]
    assert list(found) == ["loss", "accuracy", "auc", "macro_f1", "micro_f1", "ece", "examples"]
    assert found["loss"] == pytest.approx(by_keras(keras.metrics.BinaryCrossentropy(), scored.labels, one), rel=1e-5)
    assert found["accuracy"] == pytest.approx(by_keras(keras.metrics.BinaryAccuracy(), scored.labels, one), rel=1e-6)
    ones, zeros = one[scored.labels == 1][:, None], one[scored.labels == 0][None, :]
    assert found["auc"] == pytest.approx(((ones > zeros) + (ones == zeros) / 2).mean(), rel=1e-12)


def test_golden_values_with_classes_that_do_not_occur() -> None:
    """Class 3 is neither a label nor predicted: metrics 0, and not part of the mean. Class 2 is only predicted."""
    scored = right_and_wrong([0, 0, 0, 1, 1], [0, 0, 1, 1, 2], classes=4)
    found = measure_split(scored)
    assert found.macro_f1 == pytest.approx((0.8 + 0.5 + 0) / 3)
    assert found.accuracy == found.micro_f1 == 0.6
    assert found.loss == pytest.approx((-3 * np.log(0.8) - 2 * np.log(0.2 / 3)) / 5)
    keys = ("label", "name", "precision", "recall", "f1", "support", "predicted")
    assert [given(row) for row in per_class(scored, ["a", "b", "c", "d"])] == [
        dict(zip(keys, (0, "a", 1.0, pytest.approx(2 / 3), pytest.approx(0.8), 3, 2), strict=True)),
        dict(zip(keys, (1, "b", 0.5, 0.5, 0.5, 2, 2), strict=True)),
        dict(zip(keys, (2, "c", 0.0, 0.0, 0.0, 0, 1), strict=True)),
        dict(zip(keys, (3, "d", 0.0, 0.0, 0.0, 0, 0), strict=True)),
    ]
    assert confusion(scored) == ((2, 1, 0, 0), (0, 1, 1, 0), (0, 0, 0, 0), (0, 0, 0, 0))


def test_calibration_by_hand() -> None:
    """All confidences are 0.8 and three of five are correct: the bin that ends at 0.8 has a gap of 0.2."""
    scored = right_and_wrong([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], classes=2)
    assert expected_calibration_error(scored.confidence, scored.correct) == pytest.approx(0.2)
    bins = [given(found) for found in reliability(scored)]
    assert len(bins) == 15
    assert bins[11] == {"low": 11 / 15, "high": 12 / 15, "examples": 5, "confidence": pytest.approx(0.8),
                        "accuracy": 0.6}  # fmt: skip
    assert bins[14] == {"low": 14 / 15, "high": 1.0, "examples": 0, "confidence": None, "accuracy": None}


@pytest.mark.parametrize("scored", [softmax_case(0), binary_case(2)], ids=["softmax", "binary"])
def test_calibration_against_the_formula(scored: Scored) -> None:
    total = 0.0
    for b in range(15):
        inside = [
            (c, bool(ok))
            for c, ok in zip(scored.p.max(1), scored.p.argmax(1) == scored.labels, strict=True)
            if b / 15 < c <= (b + 1) / 15
        ]
        if inside:
            confidence, accuracy = (sum(values) / len(inside) for values in zip(*inside, strict=True))
            total += len(inside) / len(scored.labels) * abs(accuracy - confidence)
    assert measure_split(scored).ece == pytest.approx(total, rel=1e-9)


def test_the_table_of_thresholds() -> None:
    scored = Scored(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.45, 0.55], [0.1, 0.9]]))
    table = {row.threshold: given(row) for row in threshold_table(scored)}
    assert list(table) == [pytest.approx(number / 20) for number in range(1, 20)]
    assert table[0.5] == {"threshold": 0.5, "precision": pytest.approx(2 / 3), "recall": 1.0, "f1": 0.8,
                          "accuracy": 0.75, "true_positives": 2, "false_positives": 1, "true_negatives": 1,
                          "false_negatives": 0}  # fmt: skip
    assert table[0.95] == {"threshold": 0.95, "precision": 0.0, "recall": 0.0, "f1": 0.0, "accuracy": 0.5,
                           "true_positives": 0, "false_positives": 0, "true_negatives": 2,
                           "false_negatives": 2}  # fmt: skip


def test_a_certain_error_costs_a_finite_loss() -> None:
    p = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert measure_split(Scored(np.array([0, 1]), p)).loss == pytest.approx((-np.log(1 - 1e-7) - np.log(1e-7)) / 2)


def test_examples_that_cannot_be_measured_are_refused() -> None:
    with pytest.raises(DataError, match="the probabilities of example 1 of the split"):
        Scored(np.array([0, 1]), np.array([[0.2, 0.8], [float("nan"), 0.9]]))
    same = Scored(np.array([1, 1, 1]), np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]]))
    with pytest.raises(DataError, match="all 3 examples have label 1, so AUC is not defined; both labels are needed"):
        measure_split(same)
    assert measure_slice("same", same).auc is None
    assert given(measure_slice("none", same.where(np.zeros(3, bool)))) == {"value": "none", "examples": 0}
