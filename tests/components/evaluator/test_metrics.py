"""Our metrics against scikit-learn's, an independent implementation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from components.evaluator.metrics import measure
from pipeline.errors import DataError


def softmax_case(seed: int, classes: int = 46, n: int = 500) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    random = np.random.RandomState(seed)
    logits = random.normal(size=(n, classes)).astype(np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.concatenate([np.arange(classes), random.randint(0, classes, n - classes)])
    return labels.astype(np.int32), probabilities.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_softmax_metrics_equal_scikit_learn(seed: int) -> None:
    labels, p = softmax_case(seed)
    exact = p.astype(np.float64)
    found = measure(labels, p)
    assert list(found) == ["loss", "accuracy", "top_5_accuracy", "examples"]
    assert found["loss"] == pytest.approx(-np.log(exact[np.arange(len(labels)), labels]).mean(), rel=1e-12)
    assert found["loss"] == pytest.approx(sk.log_loss(labels, exact, labels=range(46)), rel=1e-6)  # it rescales rows
    assert found["accuracy"] == sk.accuracy_score(labels, p.argmax(axis=1))
    assert found["top_5_accuracy"] == sk.top_k_accuracy_score(labels, p, k=5, labels=range(46))
    assert found["examples"] == 500


@pytest.mark.parametrize("digits", [7, 2, 0], ids=["few ties", "many ties", "nothing but ties"])
def test_binary_metrics_equal_scikit_learn(digits: int) -> None:
    random = np.random.RandomState(digits)
    labels = random.randint(0, 2, 1000).astype(np.int32)
    p = np.clip(random.uniform(size=1000) * 0.7 + labels * 0.3, 0.001, 0.999).round(digits).astype(np.float32)
    found = measure(labels, p)
    clipped = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
    assert list(found) == ["loss", "accuracy", "auc", "examples"]
    assert found["loss"] == pytest.approx(sk.log_loss(labels, clipped), rel=1e-12)
    assert found["accuracy"] == sk.accuracy_score(labels, p > 0.5)
    assert found["auc"] == pytest.approx(sk.roc_auc_score(labels, p), rel=1e-14)


def test_a_certain_error_costs_a_finite_loss() -> None:
    p = np.array([[1, 0], [1, 0]], np.float32)
    assert measure(np.array([0, 1]), p)["loss"] == pytest.approx((-np.log(1 - 1e-7) - np.log(1e-7)) / 2)
    assert measure(np.array([0, 1]), np.array([0, 0], np.float32))["loss"] == pytest.approx(8.059, abs=1e-3)


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([1, 1, 1], [0.2, 0.4, 0.9], "all 3 examples have label 1, so there is no AUC; both are needed"),
        ([0, 1, 1], [0.2, float("nan"), 0.9], "the model gives no probability for example 1 of the split"),
    ],
)
def test_what_cannot_be_measured(labels: list[int], probabilities: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        measure(np.array(labels), np.array(probabilities, np.float32))
