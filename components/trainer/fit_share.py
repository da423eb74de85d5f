"""Finds the share of the wide branch in the answer of a model, after the training. Imports TensorFlow and SciPy."""

from collections.abc import Callable

import keras
import numpy as np
from scipy.optimize import brentq

from components.models.wide import Mixture, layer_of, wide_part
from components.shared.calibration import Floats
from components.trainer.confidence import predict
from components.trainer.data import Data

ENOUGH = 30
"""Validation texts from which the wide branch is scaled and weighed. Fewer could make a model certain by chance."""


def fit_share(model: keras.Model, validation: Data, log: Callable[[str], None]) -> None:
    """Sets the share of the linear classifier in the answer: the one with the lowest mean cross-entropy."""
    part = wide_part(model)
    (p, labels), (q, _) = (predict(keras.Model(part.input, output), validation) for output in part.outputs)
    if len(labels) < ENOUGH:
        log(f"the validation split has {len(labels)} texts, too few to weigh the two answers: they count alike")
        return
    rows = np.arange(len(labels))
    share = best_share(p[rows, labels], q[rows, labels])
    layer_of(model, Mixture).share.assign(share)
    log(f"share of the linear classifier in the answer, chosen on the validation split: {share:.4f}")


def best_share(p: Floats, q: Floats) -> float:
    """Returns the share of `q` that gives the lowest mean of -log((1 - share) p + share q).

    `p`, `q`: probabilities of the true label, [n]. The mean is convex, so its slope has at most one zero.
    """
    p, q = np.maximum(p, 1e-12), np.maximum(q, 1e-12)

    def slope(share: float) -> float:
        return float(((p - q) / ((1 - share) * p + share * q)).mean())

    if slope(0.0) >= 0:
        return 0.0
    return 1.0 if slope(1.0) <= 0 else float(brentq(slope, 0.0, 1.0, xtol=1e-12))
