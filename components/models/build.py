"""The build styles: three architectures, each written in one of Keras's three forms. Imports Keras.

Importing this package registers the custom classes, without which a saved model cannot be loaded.
"""

from collections.abc import Callable

import keras

from components.models import functional, sequential, subclass
from components.models.spec import ModelSpec

BUILDERS: dict[str, Callable[[ModelSpec], keras.Model]] = {
    "functional": functional.build,
    "sequential": sequential.build,
    "subclass": subclass.build,
}


def build_model(spec: ModelSpec, seed: int) -> keras.Model:
    """A built, uncompiled model: int32 tokens [batch, max_len] → probabilities float32 [batch, classes].

    For two classes: [batch, 1], of label 1. The same spec and seed give the same weights in every process.
    """
    keras.utils.set_random_seed(seed)
    return BUILDERS[spec.build_style](spec)
