"""The build styles: three architectures, each written with one of the three APIs of Keras. Imports Keras.

Importing this module registers the custom classes. Keras needs them to load a saved model.
"""

from collections.abc import Callable

import keras

from components.models import functional, sequential, subclass
from components.models.settings import TEMPERATURE
from components.models.spec import ModelSpec
from components.models.temperature import with_temperature
from components.models.wide import with_wide

BUILDERS: dict[str, Callable[[ModelSpec], keras.Model]] = {
    "functional": functional.build,
    "sequential": sequential.build,
    "subclass": subclass.build,
}


def build_model(spec: ModelSpec, seed: int) -> keras.Model:
    """Returns a built, uncompiled model: int32 tokens [batch, max_len] → probabilities float32 [batch, classes].

    With two classes the output is [batch, 1], the probability of label 1. The same spec and seed give the same initial
    weights in every process.
    """
    keras.utils.set_random_seed(seed)
    model = BUILDERS[spec.build_style](spec.of_layers)
    return calibrated(with_wide(model, spec) if spec.wide != "none" else model, spec)


def calibrated(model: keras.Model, spec: ModelSpec) -> keras.Model:
    """Returns `model` with the layer for its calibration after it, if `spec` asks for one."""
    return with_temperature(model, spec) if spec.calibration == TEMPERATURE else model
