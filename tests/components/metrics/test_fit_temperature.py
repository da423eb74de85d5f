"""The temperature: compared with a grid search and with data of known calibration."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from components.metrics.fit_temperature import LIMITS, fit_temperature
from components.shared.calibration import Floats, expected_calibration_error, logits_of, with_temperature
from tests.support.cases import binary_case, softmax_case


def drawn(temperature: float, classes: int, n: int, seed: int = 0) -> tuple[Floats, NDArray[np.int32]]:
    """Returns probabilities, and labels that are drawn from the same probabilities with a temperature."""
    random = np.random.RandomState(seed)
    logits = random.normal(size=(n, classes)) * 3
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = np.exp(logits / temperature) / np.exp(logits / temperature).sum(axis=1, keepdims=True)
    labels = (random.uniform(size=(n, 1)) > true.cumsum(axis=1)).sum(axis=1)
    return p, np.minimum(labels, classes - 1).astype(np.int32)


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_simulated_labels_is_found(temperature: float, classes: int) -> None:
    p, labels = drawn(temperature, classes, n=20_000)
    found = fit_temperature(logits_of(p), labels)
    assert found == pytest.approx(temperature, rel=0.05)
    after = with_temperature(p, found)
    assert expected_calibration_error(after.max(axis=1), after.argmax(axis=1) == labels) < 0.015


@pytest.mark.parametrize("case", [softmax_case(1), softmax_case(2, classes=3), binary_case(3)])
def test_no_temperature_of_a_fine_grid_has_a_lower_loss(case: object) -> None:
    """The loss is that of scikit-learn."""
    p, labels = case.p, case.labels  # type: ignore[attr-defined]

    def loss(temperature: float) -> float:
        scaled = p ** (1 / temperature)
        scaled /= scaled.sum(axis=1, keepdims=True)
        return float(log_loss(labels, scaled, labels=range(p.shape[1])))

    found = fit_temperature(logits_of(p), labels)
    grid = np.exp(np.linspace(np.log(LIMITS[0]), np.log(LIMITS[1]), 401))
    best = float(grid[np.argmin([loss(t) for t in grid])])
    assert loss(found) <= loss(best) + 1e-12
    assert found == pytest.approx(best, rel=0.02)
    assert min(loss(found * 1.001), loss(found / 1.001)) >= loss(found)


@pytest.mark.parametrize(
    ("p", "labels", "expected"),
    [
        ([[0.9, 0.1], [0.2, 0.8]], [0, 1], LIMITS[0]),  # without an error: as confident as allowed
        ([[0.9, 0.1], [0.2, 0.8]], [1, 0], LIMITS[1]),  # all wrong: as uncertain as allowed
        ([[0.5, 0.5], [0.5, 0.5]], [1, 0], LIMITS[0]),  # no temperature makes a difference
        ([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.8, 0.0]], [0, 1, 1], None),
    ],
)
def test_probabilities_at_the_limits(p: list[list[float]], labels: list[int], expected: float | None) -> None:
    found = fit_temperature(logits_of(np.array(p)), np.array(labels, np.int32))
    assert LIMITS[0] <= found <= LIMITS[1]
    assert expected is None or found == expected


def test_a_temperature_can_be_undone() -> None:
    p = softmax_case(5).p
    served = with_temperature(p, 2.5).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(with_temperature(served, 1 / 2.5), p / p.sum(axis=1, keepdims=True), rtol=1e-5)
