"""What follows a training: fits the temperature, and chooses the confidence from which the model answers.

Both use the validation split. Imports TensorFlow.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from msgspec import structs
from numpy.typing import NDArray

from components.metrics.fit_temperature import LIMITS, fit_temperature
from components.models.predict import steady
from components.models.settings import TEMPERATURE
from components.models.temperature import SMALLEST_REST, temperature_of
from components.shared.abstention_words import in_words
from components.shared.calibration import Floats, cross_entropies, expected_calibration_error, logits_of
from components.trainer.abstention import choose
from components.trainer.data import Data
from components.trainer.settings import TrainerSettings
from schemas.contracts.confidence import Calibration, Confidence


def fit_confidence(
    model: keras.Model, settings: TrainerSettings, validation: Data, log: Callable[[str], None]
) -> Confidence | None:
    """Sets the temperature of `model` and returns what was chosen; None if `settings` ask for neither.

    `validation`: a split that is not shuffled.
    """
    calibrated, targeted = settings.calibration == TEMPERATURE, settings.target_precision > 0
    if not (calibrated or targeted):
        return None
    found = Confidence()
    if calibrated:
        calibration = _calibrate(model, validation, settings.validate_on)
        log(_in_words(calibration))
        found = structs.replace(found, calibration=calibration)
    if targeted:
        p, labels = predict(model, validation)
        confidence, correct = p.max(axis=1), p.argmax(axis=1) == labels
        abstention = choose(confidence, correct, p.shape[1], settings.target_precision, settings.validate_on)
        log(in_words(abstention))
        found = structs.replace(found, abstention=abstention)
    return found


def predict(model: keras.Model, data: Data) -> tuple[Floats, NDArray[np.int32]]:
    """Returns probabilities float64 [n, classes] and labels int32 [n], with the bits of the served model."""
    call = tf.function(lambda inputs: steady(model, inputs), reduce_retracing=True, autograph=False)
    batches = [(call(tf.nest.map_structure(tf.constant, inputs)).numpy(), labels) for inputs, labels in data.batches(1)]
    p = np.concatenate([probabilities for probabilities, _ in batches])
    labels = np.concatenate([labels for _, labels in batches])
    if p.shape[1] == 1:
        p = np.concatenate([1 - p, p], axis=1)
    return p.astype(np.float64), labels


def _calibrate(model: keras.Model, validation: Data, split: str) -> Calibration:
    """Sets the temperature of `model`."""
    variable = temperature_of(model)
    assert variable is not None
    variable.assign(1.0)
    p, labels = predict(model, validation)
    found = fit_temperature(logits_of(_as_layer(p)), labels)
    variable.assign(found)
    scaled, _ = predict(model, validation)
    before, after = (_measure(probabilities, labels) for probabilities in (p, scaled))
    return Calibration(
        method="temperature",
        split=split,
        examples=len(labels),
        temperature=float(variable.numpy()),
        at_limit=found in LIMITS,
        loss_before=before[0],
        loss=after[0],
        ece_before=before[1],
        ece=after[1],
    )


def _as_layer(p: Floats) -> Floats:
    """Returns probabilities as the layer reads them: a sigmoid output of exactly 1 does not leave 0 for label 0."""
    return np.maximum(p, [SMALLEST_REST, 0]) if p.shape[1] == 2 else p


def _measure(p: Floats, labels: NDArray[np.int32]) -> tuple[float, float]:
    """Returns loss and expected calibration error."""
    loss = cross_entropies(p[np.arange(len(labels)), labels]).mean()
    return float(loss), expected_calibration_error(p.max(axis=1), p.argmax(axis=1) == labels)


def _in_words(found: Calibration) -> str:
    limit = ", which is the limit of the allowed range" if found.at_limit else ""
    return (
        f"temperature {found.temperature:.4f}{limit}, fitted on {found.split} ({found.examples:,} examples): "
        f"loss {found.loss_before:.4f} → {found.loss:.4f}, "
        f"ece {found.ece_before:.4f} → {found.ece:.4f}"
    )
